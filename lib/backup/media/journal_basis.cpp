// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/journal_basis.hpp"

#include <fmt/format.h>

#include <sstream>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view header = "mastobak-journal-basis 1";

fs::path file_in(const fs::path& state_directory) {
    return state_directory / "journal-basis";
}

}  // namespace

std::optional<JournalBasis> read_journal_basis(const fs::path& state_directory) {
    try {
        std::istringstream text(read_beneath(state_directory, file_in(state_directory).filename()));
        std::string first;
        std::string set;
        std::string walked_at;
        std::getline(text, first);
        std::getline(text, set);
        std::getline(text, walked_at);
        const auto time = parse_iso8601(walked_at);
        if (first != header || !parse_set_name(set) || !time) return std::nullopt;
        return JournalBasis{set, *time};
    } catch (const Error&) {
        return std::nullopt;
    }
}

void write_journal_basis(const fs::path& state_directory, const JournalBasis& basis) {
    make_directories(state_directory);
    write_file(file_in(state_directory),
               fmt::format("{}\n{}\n{}\n", header, basis.set, to_iso8601(basis.walked_at)));
}

}  // namespace mastobak::backup
