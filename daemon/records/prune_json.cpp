// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/prune_json.hpp"

namespace mastobak::daemon {

using json = Json;

json to_json(const backup::PruneReport& report) {
    auto sets = json::array();
    for (const auto& decision : report.decisions)
        sets.push_back({{"set", decision.set}, {"kept", decision.kept}, {"why", decision.why}});
    return {{"remote", report.remote.empty() ? json(nullptr) : json(report.remote)},
            {"at", to_json_time(report.at)},
            {"dry_run", report.dry_run},
            {"sets", sets},
            {"removed_packs", report.packs},
            {"sent_away", report.sent_away},
            {"freed", report.freed.count},
            {"warnings", report.warnings},
            {"waits_for", report.waits_for},
            {"refusal", report.refusal},
            {"error", report.error}};
}

backup::PruneReport prune_report_from(const json& object) {
    backup::PruneReport report;
    if (object.at("remote").is_string()) report.remote = object.at("remote").get<std::string>();
    report.at = parse_iso8601(object.at("at").get<std::string>()).value_or(Timestamp{});
    report.dry_run = object.value("dry_run", false);
    for (const auto& set : object.at("sets"))
        report.decisions.push_back(
            {set.at("set").get<std::string>(), set.at("kept").get<bool>(), set.value("why", "")});
    report.packs = object.value("removed_packs", std::vector<std::string>{});
    report.sent_away = object.value("sent_away", std::size_t{0});
    report.freed = {object.value("freed", std::uint64_t{0})};
    report.warnings = object.value("warnings", std::vector<std::string>{});
    report.waits_for = object.value("waits_for", "");
    report.refusal = object.value("refusal", "");
    report.error = object.value("error", "");
    return report;
}

json to_json(const Storage& storage) {
    const auto& usage = storage.usage;
    return {{"sets", usage.sets},
            {"live", usage.live.count},
            {"dead", usage.dead.count},
            {"away", usage.away.count},
            {"unfinished", usage.unfinished.count},
            {"free", storage.free.count},
            {"room", storage.room.count},
            {"unreadable", usage.unreadable},
            {"next_night", {{"bytes", usage.next.bytes.count}, {"nights", usage.next.nights}}}};
}

Storage storage_from(const json& object) {
    Storage storage;
    auto& usage = storage.usage;
    usage.sets = object.value("sets", std::size_t{0});
    usage.live = {object.value("live", std::uint64_t{0})};
    usage.dead = {object.value("dead", std::uint64_t{0})};
    usage.away = {object.value("away", std::uint64_t{0})};
    usage.unfinished = {object.value("unfinished", std::uint64_t{0})};
    storage.free = {object.value("free", std::uint64_t{0})};
    storage.room = {object.value("room", std::uint64_t{0})};
    usage.unreadable = object.value("unreadable", std::vector<std::string>{});
    const auto next = object.value("next_night", json::object());
    usage.next.bytes = {next.value("bytes", std::uint64_t{0})};
    usage.next.nights = next.value("nights", std::size_t{0});
    return storage;
}

}  // namespace mastobak::daemon
