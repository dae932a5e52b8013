// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/json.hpp"

#include "core/text.hpp"
#include "daemon/records/drill_fields.hpp"
#include "daemon/records/place_fields.hpp"
#include "daemon/records/run_fields.hpp"

namespace mastobak {

template <>
struct EnumNames<daemon::Health::Verdict> {
    static constexpr std::array all{"healthy", "failed", "stale", "no_daemon"};
};

template <>
struct Fields<daemon::Health> {
    static void list(auto& io, auto& health) {
        io("verdict", health.verdict);
        io("reasons", health.reasons);
    }
};

template <>
struct Fields<daemon::NotifyResult> {
    static void list(auto& io, auto& result) {
        io("target", result.target, Presence::required);
        io("type", result.type);
        io.computed("ok", result.ok());
        io("sent", result.sent);
        io("error", result.error);
        io("hint", result.hint);
    }
};

template <>
struct Fields<daemon::NotifyTest> {
    static void list(auto& io, auto& test) {
        io("id", test.id, Presence::required);
        io("done", test.done, Presence::required);
        io("results", test.results, Presence::required);
    }
};

template <>
struct Fields<daemon::AcknowledgedWarning> {
    static void list(auto& io, auto& warning) {
        io("text", warning.text, Presence::required);
        io("at", warning.at, Presence::required);
        io("set", warning.set, Presence::required);
    }
};

template <>
struct Fields<daemon::Acknowledged> {
    static void list(auto& io, auto& acknowledged) {
        io("warnings", acknowledged.warnings, Presence::required);
    }
};

template <>
struct Fields<daemon::RunningState> {
    static void list(auto& io, auto& running) {
        io("id", running.id, Presence::required);
        io("started_at", running.started_at);
        io("step", running.step);
        io("fraction", running.fraction);
        io("detail", running.detail);
        io("seconds_left", running.left);
    }
};

template <>
struct Fields<daemon::State> {
    static void list(auto& io, auto& state) {
        io("version", state.version);
        io("signing_key", state.signing_key);
        io("config", state.config);
        io("running", state.running);
        io("dry_run", state.dry_run);
        io("drilling", state.drilling);
        io("drills", state.drills);
        io("scrubbing", state.scrubbing);
        io("scrubs", state.scrubs);
        io("history", state.history, Presence::required);
        io("next_run", state.next_run);
        io("offsite", state.offsite, Presence::required);
        io("pruned", state.pruned);
        io("pruning", state.pruning);
        io("reload_problem", state.reload_problem);
        io("no_remote_acknowledged", state.no_remote_acknowledged);
        io("staging_problem", state.staging_problem);
        io("storage", state.storage);
    }
};

}  // namespace mastobak

namespace mastobak::daemon {

std::string dump(const Json& json, int indent) {
    return json.dump(indent, ' ', true, Json::error_handler_t::replace);
}

std::string to_json_time(Timestamp time) {
    return to_iso8601(std::chrono::floor<std::chrono::seconds>(time));
}

Json to_json_time(const std::optional<Timestamp>& time) {
    return time ? Json(to_json_time(*time)) : Json(nullptr);
}

double to_seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

template <typename Record>
Json to_json(const Record& record) {
    return FieldWriter::json_of(record);
}
template Json to_json(const RunRecord&);
template Json to_json(const History&);
template Json to_json(const State&);
template Json to_json(const DrillRecord&);
template Json to_json(const Acknowledged&);
template Json to_json(const backup::PruneReport&);
template Json to_json(const std::vector<backup::PruneReport>&);
template Json to_json(const Storage&);
template Json to_json(const scrub::Summary&);
template Json to_json(const restore::RestoreEstimate&);
template Json to_json(const Health&);
template Json to_json(const std::vector<NotifyResult>&);
template Json to_json(const NotifyTest&);
template Json to_json(const std::vector<Night>&);

template <typename Record>
Record record_from(const Json& json) {
    Record record{};
    FieldReader::read(json, record);
    return record;
}
template RunRecord record_from(const Json&);
template History record_from(const Json&);
template State record_from(const Json&);
template DrillRecord record_from(const Json&);
template Acknowledged record_from(const Json&);
template backup::PruneReport record_from(const Json&);
template std::vector<backup::PruneReport> record_from(const Json&);
template Storage record_from(const Json&);
template NotifyTest record_from(const Json&);
template scrub::Summary record_from(const Json&);
template Night record_from(const Json&);

Json to_json(const std::string& object, const scrub::Damage& damage) {
    auto json = FieldWriter::json_of(damage);
    json["object"] = object;
    return json;
}

Json to_json(const Error& error) {
    return {
        {"ok", false},
        {"error",
         {{"code", to_string(error.code())}, {"message", error.text()}, {"hint", error.hint()}}}};
}

Json to_json(const store::VerifyReport& report) {
    return {{"set", report.set},           {"ok", report.problems.empty()},
            {"problems", report.problems}, {"files", report.files},
            {"bytes", report.bytes.count}, {"away", report.away},
            {"foreign", report.foreign}};
}

Json to_json(const scrub::Report& report) {
    auto damaged = Json::array(), unread = Json::array();
    for (const auto& [object, damage] : report.damaged) damaged.push_back(to_json(object, damage));
    for (const auto& [object, why] : report.unread)
        unread.push_back({{"object", object}, {"problem", readable(why)}});
    return {{"place", report.place},
            {"ok", report.complete && report.problem.empty() && report.damaged.empty() &&
                       report.unread.empty()},
            {"objects", report.objects},
            {"bytes", report.bytes.count},
            {"by", report.by},
            {"read_before", report.known},
            {"damaged", damaged},
            {"unread", unread},
            {"foreign", report.foreign},
            {"problem", readable(report.problem)}};
}

}  // namespace mastobak::daemon
