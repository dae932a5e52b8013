// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/marks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/lock_file.hpp"
#include "core/files/open.hpp"
#include "core/text.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view released = ".released";
constexpr Bytes largest_mark{std::uint64_t{1} << 20};

fs::path pins(const Staging& staging) {
    return staging.root() / "keep";
}

fs::path damages(const Staging& staging) {
    return staging.root() / "damaged";
}

/// Returns the set names of the files in a directory that have this ending.
std::set<std::string> sets_marked(const fs::path& directory, std::string_view ending) {
    std::set<std::string> sets;
    for (const auto& file : entries_of(directory)) {
        auto name = file.filename().native();
        if (!name.ends_with(ending)) continue;
        name.resize(name.size() - ending.size());
        if (is_set_name(name)) sets.insert(std::move(name));
    }
    return sets;
}

void remove_mark(const fs::path& file) {
    std::error_code error;
    const bool removed = fs::remove(file, error);
    if (error)
        throw errno_error(Errc::staging, fmt::format("remove '{}'", file.native()), error.value());
    if (removed) sync_directory(file.parent_path());
}

void require_set_name(const std::string& set) {
    if (!is_set_name(set))
        throw Error(Errc::usage, fmt::format("'{}' is not a set name", readable(set)),
                    "mastobak list shows them");
}

fs::path release_file(const Staging& staging, const std::string& set) {
    return pins(staging) / fmt::format("{}{}", set, released);
}

}  // namespace

UniqueFd lock_marks(const Staging& staging) {
    return lock_directory(pins(staging));
}

std::set<std::string> pinned_sets(const Staging& staging) {
    return sets_marked(pins(staging), "");
}

std::set<std::string> released_sets(const Staging& staging) {
    return sets_marked(pins(staging), released);
}

fs::path pin_file(const Staging& staging, const std::string& set) {
    return pins(staging) / set;
}

void pin(const Staging& staging, const std::string& set) {
    require_set_name(set);
    const auto lock = lock_marks(staging);
    // The contents are the same on every host, so that a mark never conflicts with its own copy.
    write_file(pin_file(staging, set), fmt::format("{}\n", set));
    remove_mark(release_file(staging, set));
}

void release(const Staging& staging, const std::string& set) {
    require_set_name(set);
    const auto lock = lock_marks(staging);
    write_file(release_file(staging, set), fmt::format("{}\n", set));
    remove_mark(pin_file(staging, set));
}

void note_verified(const Staging& staging, const VerifyReport& report) {
    const auto file = damages(staging) / report.set;
    if (report.problems.empty()) return remove_mark(file);
    make_directories(damages(staging));
    write_file(file, fmt::format("{}\n", fmt::join(report.problems, "\n")));
}

std::map<std::string, std::string> damaged_sets(const Staging& staging) {
    std::map<std::string, std::string> problems;
    for (const auto& set : sets_marked(damages(staging), "")) {
        const auto text =
            read_beneath(staging.root(), "damaged/" + set, Errc::staging, largest_mark);
        problems[set] = text.substr(0, text.find('\n'));
    }
    return problems;
}

void forget_damage_of_others(const Staging& staging) {
    std::error_code ignored;
    for (const auto& set : sets_marked(damages(staging), ""))
        if (!fs::exists(staging.set(set), ignored)) remove_mark(damages(staging) / set);
}

}  // namespace mastobak::store
