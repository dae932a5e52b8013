// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/drill_json.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <set>

#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

using json = Json;
using postgres::Amount;
using postgres::Check;
using postgres::Verdict;

constexpr std::array<std::pair<Verdict, const char*>, 3> verdicts{
    {{Verdict::good, "good"}, {Verdict::bad, "bad"}, {Verdict::skipped, "skipped"}}};

json to_json(const Amount& amount) {
    return {{"count", amount.count}, {"bytes", amount.bytes.count}};
}

/// Records of before have none.
Amount amount_from(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_object()) return {};
    return {found->value("count", std::uint64_t{0}), {found->value("bytes", std::uint64_t{0})}};
}

json to_json(const restore::MediaRead& media) {
    return {{"now", to_json(media.now)},
            {"ever", to_json(media.ever)},
            {"of", to_json(media.of)},
            {"drills_left", media.drills_left ? json(*media.drills_left) : json(nullptr)},
            {"all_read_by", to_json_time(media.all_read_by)}};
}

restore::MediaRead media_from(const json& object) {
    restore::MediaRead media{amount_from(object, "now"), amount_from(object, "ever"),
                             amount_from(object, "of")};
    if (const auto left = object.value("drills_left", json()); left.is_number_unsigned())
        media.drills_left = left.get<std::uint64_t>();
    if (const auto by = object.value("all_read_by", json()); by.is_string())
        media.all_read_by = parse_iso8601(by.get<std::string>());
    return media;
}

json to_json(const restore::RestoreRates& rates) {
    return {{"request_ns", rates.request},       {"fetched_byte_ns", rates.fetched_byte},
            {"dump_byte_ns", rates.dump_byte},   {"file_ns", rates.file},
            {"media_byte_ns", rates.media_byte}, {"written_byte_ns", rates.written_byte}};
}

restore::RestoreRates rates_from(const json& object) {
    return {.request = object.value("request_ns", 0.0),
            .fetched_byte = object.value("fetched_byte_ns", 0.0),
            .dump_byte = object.value("dump_byte_ns", 0.0),
            .file = object.value("file_ns", 0.0),
            .media_byte = object.value("media_byte_ns", 0.0),
            .written_byte = object.value("written_byte_ns", 0.0)};
}

restore::RestoreEstimate estimate_from(const json& object) {
    const auto time = [&](const char* key) {
        constexpr double longest = 1e8;  // seconds
        const auto seconds = object.value(key, 0.0);
        return std::chrono::nanoseconds(
            std::llround(1e9 * std::min(longest, std::max(0.0, seconds))));
    };
    return {time("fetch_seconds"), time("database_seconds"), time("media_seconds")};
}

json to_json(const Check& check) {
    const char* name = "";
    for (const auto& [verdict, text] : verdicts)
        if (verdict == check.verdict) name = text;
    return {{"name", check.name},
            {"verdict", name},
            {"figure", check.figure},
            {"problem_count", check.problem_count},
            {"problems", check.problems},
            {"read", to_json(check.read)},
            {"by_size", to_json(check.by_size)}};
}

Check check_from(const json& object) {
    Check check;
    check.name = object.at("name").get<std::string>();
    check.verdict = Verdict::bad;
    for (const auto& [verdict, text] : verdicts)
        if (object.at("verdict") == text) check.verdict = verdict;
    check.figure = object.value("figure", "");
    check.problem_count = object.value("problem_count", std::size_t{0});
    check.problems = object.value("problems", std::vector<std::string>{});
    check.read = amount_from(object, "read");
    check.by_size = amount_from(object, "by_size");
    return check;
}

using RowKind = postgres::FoundRow::Kind;

constexpr std::array<std::pair<RowKind, const char*>, 4> row_kinds{
    {{RowKind::changed, "changed"},
     {RowKind::missing, "missing"},
     {RowKind::added, "added"},
     {RowKind::repeated, "repeated"}}};

json to_json(const postgres::ExplainedTable& explained) {
    json rows = json::array();
    for (const auto& row : explained.rows.rows)
        rows.push_back(
            {{"kind", std::find_if(row_kinds.begin(), row_kinds.end(),
                                   [&](const auto& kind) { return kind.first == row.kind; })
                          ->second},
             {"key", row.key},
             {"columns", row.columns},
             {"then", row.then},
             {"now", row.now}});
    return {{"table", explained.table},
            {"finding", explained.finding},
            {"rows", rows},
            {"keys", explained.rows.keys},
            {"all", explained.rows.all},
            {"exact", explained.rows.exact}};
}

postgres::ExplainedTable explained_from(const json& object) {
    postgres::ExplainedTable explained{.table = object.value("table", ""),
                                       .finding = object.value("finding", "")};
    auto& found = explained.rows;
    found.keys = object.value("keys", std::uint64_t{0});
    found.all = object.value("all", true);
    found.exact = object.value("exact", false);
    for (const auto& one : object.value("rows", json::array())) {
        postgres::FoundRow row{.key = one.value("key", ""),
                               .columns = one.value("columns", std::vector<std::string>{}),
                               .then = one.value("then", std::int64_t{0}),
                               .now = one.value("now", std::int64_t{0})};
        for (const auto& [kind, text] : row_kinds)
            if (one.value("kind", "") == text) row.kind = kind;
        found.rows.push_back(std::move(row));
    }
    return explained;
}

std::optional<DrillRecord> optional_drill(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_object()) return std::nullopt;
    return drill_record_from(*found);
}

}  // namespace

json to_json(const restore::RestoreEstimate& estimate) {
    return {{"seconds", to_seconds(estimate.total())},
            {"fetch_seconds", to_seconds(estimate.fetch)},
            {"database_seconds", to_seconds(estimate.database)},
            {"media_seconds", to_seconds(estimate.media)}};
}

json to_json(const DrillRecord& record) {
    const auto& report = record.report;
    json checks = json::array();
    for (const auto& check : report.checks) checks.push_back(to_json(check));
    json explained = json::array();
    for (const auto& table : report.explained) explained.push_back(to_json(table));
    json object{
        {"id", record.id},
        {"proven", record.proven()},
        {"set", report.set},
        {"source", report.source},
        {"started_at", to_json_time(report.started_at)},
        {"took_seconds", to_seconds(report.took)},
        {"fetched_bytes", report.fetched.count},
        {"full_restore_seconds",
         report.full_restore
             ? json(std::chrono::ceil<std::chrono::seconds>(report.full_restore->total()).count())
             : json(nullptr)},
        {"full_restore", report.full_restore ? to_json(*report.full_restore) : json(nullptr)},
        {"rates", to_json(report.rates)},
        {"media", report.media ? to_json(*report.media) : json(nullptr)},
        {"explained", explained},
        {"checks", checks}};
    if (!record.made())
        object["error"] = {
            {"code", record.error_code}, {"message", record.error}, {"hint", record.hint}};
    return object;
}

DrillRecord drill_record_from(const json& object) {
    DrillRecord record;
    auto& report = record.report;
    record.id = object.at("id").get<std::string>();
    report.set = object.value("set", "");
    report.source = object.value("source", "");
    report.started_at = parse_iso8601(object.value("started_at", "")).value_or(Timestamp{});
    report.took = std::chrono::nanoseconds{std::llround(object.value("took_seconds", 0.0) * 1e9)};
    report.fetched = {object.value("fetched_bytes", std::uint64_t{0})};
    // Records of before have a number alone, which was not measured as this is.
    if (const auto full = object.value("full_restore", json()); full.is_object())
        report.full_restore = estimate_from(full);
    if (const auto rates = object.value("rates", json()); rates.is_object())
        report.rates = rates_from(rates);
    if (const auto media = object.find("media"); media != object.end() && media->is_object())
        report.media = media_from(*media);
    for (const auto& table : object.value("explained", json::array()))
        report.explained.push_back(explained_from(table));
    for (const auto& check : object.at("checks")) report.checks.push_back(check_from(check));
    if (const auto error = object.find("error"); error != object.end()) {
        record.error_code = error->value("code", "");
        record.error = error->value("message", "");
        record.hint = error->value("hint", "");
    }
    return record;
}

json to_json(const Drills& drills) {
    // Often they are one: it is there once, and the others are its id.
    std::set<std::string> told;
    const auto optional = [&told](const std::optional<DrillRecord>& record) {
        if (!record) return json(nullptr);
        return told.insert(record->id).second ? to_json(*record) : json(record->id);
    };
    json object;
    object["last"] = optional(drills.last);
    object["last_made"] = optional(drills.last_made);
    object["last_proven"] = optional(drills.last_proven);
    return object;
}

Drills drills_from(const json& object) {
    Drills drills{optional_drill(object, "last"), optional_drill(object, "last_made"),
                  optional_drill(object, "last_proven")};
    const auto same = [&](const char* key, std::optional<DrillRecord>& record) {
        const auto found = object.find(key);
        if (found == object.end() || !found->is_string()) return;
        for (const auto& known : {drills.last, drills.last_made})
            if (known && known->id == found->get<std::string>()) record = known;
    };
    same("last_made", drills.last_made);
    same("last_proven", drills.last_proven);
    return drills;
}

}  // namespace mastobak::daemon
