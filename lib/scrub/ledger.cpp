// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/lock_file.hpp"
#include "core/files/open.hpp"

namespace mastobak::scrub {
namespace fs = std::filesystem;

fs::path ledger_directory(const fs::path& state_directory) {
    return state_directory / "scrub";
}

std::string title_of(std::string_view place) {
    return place == staging_place ? "staging" : fmt::format("remote '{}'", place);
}

// A remote may also be named "staging", hence the prefix.
fs::path ledger_file(const fs::path& state_directory, std::string_view place) {
    const auto name = place == staging_place ? "staging" : fmt::format("remote-{}", place);
    return ledger_directory(state_directory) / (name + ".json");
}

Ledger read_ledger(const fs::path& state_directory, std::string_view place) {
    const auto file = ledger_file(state_directory, place);
    try {
        return parse_ledger(
            read_beneath(file.parent_path(), file.filename(), Errc::staging, largest_ledger),
            file.native());
    } catch (const Error&) {
        return {};
    }
}

void change_ledger(const fs::path& state_directory, std::string_view place,
                   const std::function<void(Ledger&)>& change) {
    const auto file = ledger_file(state_directory, place);
    const auto lock = lock_directory(file.parent_path());
    auto ledger = read_ledger(state_directory, place);
    const auto before = ledger;
    change(ledger);
    if (ledger != before) write_file(file, to_json(ledger));
}

Summary summarize(std::string_view place, const Ledger& ledger,
                  std::optional<std::chrono::seconds> period, Timestamp now) {
    Summary summary;
    summary.place = place;
    summary.objects = ledger.objects.size();
    summary.problem = ledger.problem;
    for (const auto& [name, record] : ledger.objects) {
        summary.bytes += record.size;
        if (record.damage && ++summary.damaged_count <= most_damaged)
            summary.damaged.emplace(name, *record.damage);
        const auto last = record.read_at.value_or(record.known_since);
        if (period && now > last && now - last > *period) summary.overdue += record.size;
        if (!record.read_at) {
            summary.never_read += record.size;
            continue;
        }
        if (!period || now - *record.read_at <= *period) summary.read += record.size;
        summary.oldest_read =
            std::min(summary.oldest_read.value_or(*record.read_at), *record.read_at);
        summary.newest_read =
            std::max(summary.newest_read.value_or(*record.read_at), *record.read_at);
    }
    return summary;
}

}  // namespace mastobak::scrub
