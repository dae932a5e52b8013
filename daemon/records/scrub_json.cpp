// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/scrub_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/readable.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

using json = Json;

/// Names in a line; --json has all that are known.
constexpr std::size_t most_named = 5;

std::optional<Timestamp> optional_time(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    const auto time = parse_iso8601(found->get<std::string>());
    // What was before 1970 would overflow when it is subtracted.
    return time >= std::optional(Timestamp{}) ? time : std::nullopt;
}

std::string some_of(const std::vector<std::string>& names, std::uint64_t count) {
    const auto told = std::min(names.size(), most_named);
    auto text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + std::ptrdiff_t(told), ", "));
    if (count > told) text += fmt::format(", and {} more", count - told);
    return text;
}

}  // namespace

json to_json(const std::map<std::string, scrub::Damage>& damaged) {
    json all = json::array();
    for (const auto& [object, damage] : damaged)
        all.push_back({{"object", object},
                       {"problem", damage.problem},
                       {"found_at", to_json_time(damage.found_at)},
                       {"files", damage.members},
                       {"file_count", damage.member_count},
                       {"sets", damage.sets},
                       {"good_copy", damage.good_copy}});
    return all;
}

json to_json(const scrub::Summary& summary) {
    return {{"place", summary.place},
            {"objects", summary.objects},
            {"bytes", summary.bytes.count},
            {"read_bytes", summary.read.count},
            {"never_read_bytes", summary.never_read.count},
            {"oldest_read_at", to_json_time(summary.oldest_read)},
            {"newest_read_at", to_json_time(summary.newest_read)},
            {"overdue_bytes", summary.overdue.count},
            {"damaged_count", summary.damaged_count},
            {"damaged", to_json(summary.damaged)},
            {"problem", summary.problem}};
}

scrub::Summary summary_from(const json& object) {
    scrub::Summary summary;
    summary.place = object.at("place").get<std::string>();
    summary.objects = object.value("objects", std::size_t{0});
    summary.bytes = {object.value("bytes", std::uint64_t{0})};
    summary.read = {object.value("read_bytes", std::uint64_t{0})};
    summary.never_read = {object.value("never_read_bytes", std::uint64_t{0})};
    summary.oldest_read = optional_time(object, "oldest_read_at");
    summary.newest_read = optional_time(object, "newest_read_at");
    summary.problem = object.value("problem", std::string());
    summary.overdue = {object.value("overdue_bytes", std::uint64_t{0})};
    summary.damaged_count = object.value("damaged_count", std::size_t{0});
    for (const auto& entry : object.value("damaged", json::array())) {
        scrub::Damage damage;
        damage.problem = entry.value("problem", std::string());
        damage.found_at = optional_time(entry, "found_at").value_or(Timestamp{});
        damage.members = entry.value("files", std::vector<std::string>{});
        damage.member_count = entry.value("file_count", std::uint64_t{0});
        damage.sets = entry.value("sets", std::vector<std::string>{});
        damage.good_copy = entry.value("good_copy", std::string());
        summary.damaged.emplace(entry.at("object").get<std::string>(), std::move(damage));
    }
    return summary;
}

json to_json(const scrub::Report& report) {
    json unread = json::array();
    for (const auto& [object, why] : report.unread)
        unread.push_back({{"object", object}, {"problem", readable(why)}});
    return {{"place", report.place},
            {"ok", report.complete && report.problem.empty() && report.damaged.empty() &&
                       report.unread.empty()},
            {"objects", report.objects},
            {"bytes", report.bytes.count},
            {"by", report.by},
            {"read_before", report.known},
            {"damaged", to_json(report.damaged)},
            {"unread", unread},
            {"foreign", report.foreign},
            {"problem", readable(report.problem)}};
}

std::string damage_text(const std::string& object, const scrub::Damage& damage) {
    auto text = fmt::format("'{}' is damaged: {}", object, damage.problem);
    if (damage.member_count > 0)
        text += fmt::format("; {}: {}", counted(damage.member_count, "file"),
                            some_of(damage.members, damage.member_count));
    if (!damage.sets.empty())
        text += fmt::format("; used by {}: {}", counted(damage.sets.size(), "set"),
                            some_of(damage.sets, damage.sets.size()));
    return text + (damage.good_copy.empty() ? "; no whole copy is known"
                                            : fmt::format("; whole at {}", damage.good_copy));
}

}  // namespace mastobak::daemon
