// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/json.hpp"

#include <array>
#include <cmath>
#include <string_view>

#include "daemon/records/drill_json.hpp"
#include "daemon/records/prune_json.hpp"
#include "daemon/records/scrub_json.hpp"
#include "store/verify.hpp"

namespace mastobak::daemon {
namespace {

using json = Json;

/// In the order of CutOff.
constexpr std::array<std::string_view, 4> cut_off_names{"nothing", "person", "service", "death"};

std::chrono::nanoseconds from_seconds(double seconds) {
    return std::chrono::nanoseconds{std::llround(seconds * 1e9)};
}

std::optional<Timestamp> time_from(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    return parse_iso8601(found->get<std::string>());
}

std::optional<std::chrono::seconds> seconds_from(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    return std::chrono::seconds(found->get<std::int64_t>());
}

std::optional<RunRecord> optional_record(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_object()) return std::nullopt;
    return run_record_from(*found);
}

json to_json(const RunningState& running) {
    return {{"id", running.id},
            {"started_at", to_json_time(running.started_at)},
            {"step", running.step},
            {"fraction", running.fraction},
            {"detail", running.detail},
            {"seconds_left", running.left ? json(running.left->count()) : json(nullptr)}};
}

template <typename T>
json optional_json(const std::optional<T>& value) {
    return value ? to_json(*value) : json(nullptr);
}

std::optional<RunningState> running_from(const json& object, const char* key) {
    const auto running = object.find(key);
    if (running == object.end() || !running->is_object()) return std::nullopt;
    return RunningState{running->at("id").get<std::string>(),
                        time_from(*running, "started_at").value_or(Timestamp{}),
                        running->value("step", ""),
                        running->value("fraction", -1.0),
                        running->value("detail", ""),
                        seconds_from(*running, "seconds_left")};
}

json to_json(const offsite::RemoteState& remote) {
    return {{"remote", remote.remote},
            {"newest_set", remote.newest_set ? json(*remote.newest_set) : json(nullptr)},
            {"completed_at", to_json_time(remote.completed_at)},
            {"queued", remote.queued},
            {"oldest_queued", to_json_time(remote.oldest_queued)},
            {"waiting_bytes", remote.waiting ? json(remote.waiting->count) : json(nullptr)},
            {"uploading", remote.uploading},
            {"done", remote.done.count},
            {"total", remote.total.count},
            {"bytes_per_second", remote.rate.count},
            {"seconds_left", remote.left ? json(remote.left->count()) : json(nullptr)},
            {"last_error", remote.last_error},
            {"failed_at", to_json_time(remote.failed_at)},
            {"next_attempt", to_json_time(remote.next_attempt)},
            {"tidying", remote.pruning}};
}

offsite::RemoteState remote_from(const json& object) {
    offsite::RemoteState remote;
    remote.remote = object.at("remote").get<std::string>();
    if (object.at("newest_set").is_string())
        remote.newest_set = object.at("newest_set").get<std::string>();
    remote.completed_at = time_from(object, "completed_at");
    remote.queued = object.value("queued", std::size_t{0});
    remote.oldest_queued = time_from(object, "oldest_queued");
    const auto waiting = object.find("waiting_bytes");
    if (waiting != object.end() && waiting->is_number_unsigned())
        remote.waiting = Bytes{waiting->get<std::uint64_t>()};
    remote.uploading = object.value("uploading", "");
    remote.done = {object.value("done", std::uint64_t{0})};
    remote.total = {object.value("total", std::uint64_t{0})};
    remote.rate = {object.value("bytes_per_second", std::uint64_t{0})};
    remote.left = seconds_from(object, "seconds_left");
    remote.last_error = object.value("last_error", "");
    remote.failed_at = time_from(object, "failed_at");
    remote.next_attempt = time_from(object, "next_attempt");
    remote.pruning = object.value("tidying", false);
    return remote;
}

}  // namespace

std::string dump(const json& json, int indent) {
    return json.dump(indent, ' ', true, json::error_handler_t::replace);
}

std::string to_json_time(Timestamp time) {
    return to_iso8601(std::chrono::floor<std::chrono::seconds>(time));
}

json to_json_time(const std::optional<Timestamp>& time) {
    return time ? json(to_json_time(*time)) : json(nullptr);
}

double to_seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

json to_json(const RunRecord& record) {
    json steps = json::array();
    for (const auto& step : record.steps)
        steps.push_back({{"name", step.name}, {"seconds", to_seconds(step.took)}});
    json units = json::array();
    for (const auto& unit : record.units)
        units.push_back({{"name", unit.name}, {"downtime_seconds", to_seconds(unit.down)}});
    json object{{"id", record.id},
                {"ok", record.ok()},
                {"started_at", to_json_time(record.started_at)},
                {"finished_at", to_json_time(record.finished_at)},
                {"set", record.set ? json(*record.set) : json(nullptr)},
                {"size", record.size.count},
                {"downtime_seconds", to_seconds(record.downtime)},
                {"units", units},
                {"warnings", record.warnings},
                {"acknowledged", record.acknowledged},
                {"acknowledged_files", record.acknowledged_files},
                {"down", record.down},
                {"steps", steps},
                {"by", record.by},
                {"attempt", record.attempt},
                {"night", to_json_time(record.night)},
                {"stopped_mastodon", record.stopped_mastodon},
                {"failed_step", record.failed_step},
                {"rehearsed", record.rehearsed},
                {"dry_run", record.dry_run},
                {"cut_off_by", cut_off_names[static_cast<std::size_t>(record.cut_off_by)]}};
    if (!record.error.empty())
        object["error"] = {{"code", record.error_code},
                           {"message", record.error},
                           {"hint", record.hint},
                           {"needs_person", record.needs_person}};
    return object;
}

RunRecord run_record_from(const json& object) {
    RunRecord record;
    record.id = object.at("id").get<std::string>();
    record.started_at = time_from(object, "started_at").value_or(Timestamp{});
    record.finished_at = time_from(object, "finished_at");
    if (object.at("set").is_string()) record.set = object.at("set").get<std::string>();
    record.size = {object.value("size", std::uint64_t{0})};
    record.downtime = from_seconds(object.value("downtime_seconds", 0.0));
    for (const auto& unit : object.value("units", json::array()))
        record.units.push_back({unit.at("name").get<std::string>(),
                                from_seconds(unit.at("downtime_seconds").get<double>())});
    record.warnings = object.value("warnings", std::vector<std::string>{});
    record.acknowledged = object.value("acknowledged", std::size_t{0});
    record.acknowledged_files = object.value("acknowledged_files", std::uint64_t{0});
    record.down = object.value("down", std::vector<std::string>{});
    record.by = object.value("by", std::string());
    record.attempt = object.value("attempt", 1);
    record.night = time_from(object, "night").value_or(record.started_at);
    record.stopped_mastodon = object.value("stopped_mastodon", false);
    record.failed_step = object.value("failed_step", std::string());
    record.rehearsed = object.value("rehearsed", false);
    record.dry_run = object.value("dry_run", false);
    const auto cut_off = object.value("cut_off_by", std::string());
    for (std::size_t i = 0; i < cut_off_names.size(); ++i)
        if (cut_off == cut_off_names[i]) record.cut_off_by = static_cast<CutOff>(i);
    for (const auto& step : object.value("steps", json::array()))
        record.steps.push_back(
            {step.at("name").get<std::string>(), from_seconds(step.at("seconds").get<double>())});
    if (const auto error = object.find("error"); error != object.end()) {
        record.error_code = error->value("code", "");
        record.error = error->value("message", "");
        record.hint = error->value("hint", "");
        record.needs_person = error->value("needs_person", false);
    }
    return record;
}

json to_json(const History& history) {
    return {{"known_since", to_json_time(history.known_since)},
            {"schedule", history.schedule},
            {"last_run", optional_json(history.last_run)},
            {"last_success", optional_json(history.last_success)},
            {"wasted_stop", optional_json(history.wasted_stop)}};
}

History history_from(const json& object) {
    return {time_from(object, "known_since").value_or(Timestamp{}),
            object.value("schedule", std::string()), optional_record(object, "last_run"),
            optional_record(object, "last_success"), optional_record(object, "wasted_stop")};
}

json to_json(const State& state) {
    json remotes = json::array();
    for (const auto& remote : state.offsite) remotes.push_back(to_json(remote));
    json pruned = json::array();
    for (const auto& report : state.pruned) pruned.push_back(to_json(report));
    json scrubs = json::array();
    for (const auto& summary : state.scrubs) scrubs.push_back(to_json(summary));
    return {{"version", state.version},
            {"signing_key", state.signing_key},
            {"config", state.config},
            {"running", optional_json(state.running)},
            {"dry_run", optional_json(state.dry_run)},
            {"drilling", optional_json(state.drilling)},
            {"drills", to_json(state.drills)},
            {"scrubbing", optional_json(state.scrubbing)},
            {"scrubs", scrubs},
            {"history", to_json(state.history)},
            {"next_run", to_json_time(state.next_run)},
            {"offsite", remotes},
            {"pruned", pruned},
            {"pruning", state.pruning},
            {"reload_problem", state.reload_problem},
            {"no_remote_acknowledged", state.no_remote_acknowledged},
            {"staging_problem", state.staging_problem},
            {"storage", optional_json(state.storage)}};
}

State state_from(const json& object) {
    State state;
    state.version = object.value("version", "");
    state.signing_key = object.value("signing_key", "");
    state.config = object.value("config", std::string());
    state.running = running_from(object, "running");
    state.drilling = running_from(object, "drilling");
    state.scrubbing = running_from(object, "scrubbing");
    for (const auto& summary : object.value("scrubs", json::array()))
        state.scrubs.push_back(summary_from(summary));
    state.dry_run = optional_record(object, "dry_run");
    if (const auto drills = object.find("drills"); drills != object.end())
        state.drills = drills_from(*drills);
    state.history = history_from(object.at("history"));
    state.next_run = time_from(object, "next_run");
    for (const auto& remote : object.at("offsite")) state.offsite.push_back(remote_from(remote));
    for (const auto& report : object.value("pruned", json::array()))
        state.pruned.push_back(prune_report_from(report));
    state.pruning = object.value("pruning", false);
    state.reload_problem = object.value("reload_problem", std::string());
    state.no_remote_acknowledged = object.value("no_remote_acknowledged", false);
    state.staging_problem = object.value("staging_problem", std::string());
    if (const auto storage = object.find("storage");
        storage != object.end() && storage->is_object())
        state.storage = storage_from(*storage);
    return state;
}

json to_json(const Health& health) {
    static constexpr const char* names[] = {"healthy", "failed", "stale", "no_daemon"};
    return {{"verdict", names[static_cast<int>(health.verdict)]}, {"reasons", health.reasons}};
}

json to_json(const Error& error) {
    return {
        {"ok", false},
        {"error",
         {{"code", to_string(error.code())}, {"message", error.text()}, {"hint", error.hint()}}}};
}

json to_json(const store::VerifyReport& report) {
    return {{"set", report.set},           {"ok", report.problems.empty()},
            {"problems", report.problems}, {"files", report.files},
            {"bytes", report.bytes.count}, {"away", report.away},
            {"foreign", report.foreign}};
}

}  // namespace mastobak::daemon
