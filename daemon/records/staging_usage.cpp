// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/staging_usage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

Bytes minus(Bytes a, Bytes b) {
    return {a.count > b.count ? a.count - b.count : 0};
}

std::string describe_next(const Storage& storage) {
    const auto& next = storage.usage.next;
    if (next.nights == 0)
        return fmt::format("{} and the media that is new by then", to_string(next.bytes));
    const auto text =
        fmt::format("about {}, the largest of the last {}", to_string(next.bytes),
                    next.nights == 1 ? "night" : fmt::format("{} nights", next.nights));
    return next.bytes > storage.room ? text + ": THAT DOES NOT FIT" : text;
}

}  // namespace

std::optional<std::string> newest_set(const config::Config& config) {
    try {
        return store::Staging(config.staging.path).latest();
    } catch (const Error&) {
        return std::nullopt;
    }
}

Storage look_at_storage(const config::Config& config) {
    Storage storage;
    storage.usage = store::measure(store::Staging(config.staging.path));
    refresh_free_space(storage, config.staging);
    return storage;
}

void refresh_free_space(Storage& storage, const config::Staging& staging) {
    storage.free = free_space(staging.path);
    storage.room = minus(storage.free, staging.min_free);
    if (staging.max_size)
        storage.room = std::min(storage.room,
                                minus(*staging.max_size, storage.usage.live + storage.usage.dead +
                                                             storage.usage.unfinished));
}

std::vector<std::string> storage_lines(const Storage& storage) {
    const auto& usage = storage.usage;
    std::vector<std::string> lines;
    lines.push_back(fmt::format("{}: {} live, {} dead", counted(usage.sets, "set"),
                                to_string(usage.live), to_string(usage.dead)));
    if (usage.away > Bytes{})
        lines.push_back(fmt::format("{} in packs that are off-site only", to_string(usage.away)));
    if (usage.unfinished > Bytes{})
        lines.push_back(fmt::format("{} in packs of an interrupted run, which the next run reuses",
                                    to_string(usage.unfinished)));
    lines.push_back(fmt::format("{} free, {} for the next run", to_string(storage.free),
                                to_string(storage.room)));
    if (usage.sets > usage.unreadable.size())
        lines.push_back("the next run needs " + describe_next(storage));
    return lines;
}

}  // namespace mastobak::daemon
