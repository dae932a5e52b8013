// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/compare_sets.hpp"

#include <set>

#include "core/error.hpp"
#include "media/index/side_by_side.hpp"

namespace mastobak::restore {

namespace {

using media::Entry;

bool is_directory(const Entry* entry) {
    return entry != nullptr && entry->type == media::EntryType::directory;
}

void add_to(Amount& amount, const Entry& entry) {
    ++amount.files;
    amount.bytes += Bytes{entry.size};
}

/// Returns the number of rows of a table; nullopt when the set does not have the table.
std::optional<std::int64_t> rows_of(const store::Manifest& manifest, const std::string& table) {
    const auto found = manifest.database.rows.find(table);
    if (found == manifest.database.rows.end()) return std::nullopt;
    return found->second;
}

}  // namespace

void find_in_sets(const std::vector<SearchedSet>& sets,
                  const std::function<void(const FoundMedia&)>& on_found, std::stop_token stop) {
    std::vector<media::IndexFiles> indexes;
    indexes.reserve(sets.size());
    for (const auto& set : sets) indexes.push_back(set.index);
    media::SideBySide all(indexes);
    while (all.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        FoundMedia found;
        for (std::size_t i = 0; i < sets.size(); ++i) {
            const auto* entry = all.entry(i);
            if (entry == nullptr || is_directory(entry) || !sets[i].wanted(entry->path)) continue;
            if (!found.sets.empty() && !same_contents(found.entry, *entry)) {
                on_found(found);
                found.sets.clear();
            }
            if (found.sets.empty()) found.entry = *entry;
            found.sets.push_back(i);
        }
        if (!found.sets.empty()) on_found(found);
    }
}

MediaChanges compare_media(
    const media::IndexFiles& before, const media::IndexFiles& after,
    const std::function<void(const Entry* before, const Entry* after)>& on_change,
    std::stop_token stop) {
    MediaChanges changes;
    media::SideBySide both({before, after});
    while (both.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        // A directory that replaces a file removes it.
        const auto* old = is_directory(both.entry(0)) ? nullptr : both.entry(0);
        const auto* now = is_directory(both.entry(1)) ? nullptr : both.entry(1);
        if (old == nullptr && now == nullptr) continue;
        if (old != nullptr && now != nullptr && same_contents(*old, *now)) {
            add_to(changes.unchanged, *now);
            continue;
        }
        if (old == nullptr) {
            add_to(changes.added, *now);
        } else if (now == nullptr) {
            add_to(changes.removed, *old);
        } else {
            add_to(changes.changed, *now);
            changes.changed_before += Bytes{old->size};
        }
        if (on_change) on_change(old, now);
    }
    return changes;
}

std::vector<TableChange> compare_rows(const store::Manifest& before, const store::Manifest& after) {
    std::set<std::string> tables;
    for (const auto* manifest : {&before, &after})
        for (const auto& [table, rows] : manifest->database.rows) tables.insert(table);
    std::vector<TableChange> changes;
    for (const auto& table : tables) {
        TableChange change{table, rows_of(before, table), rows_of(after, table)};
        if (change.before != change.after) changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace mastobak::restore
