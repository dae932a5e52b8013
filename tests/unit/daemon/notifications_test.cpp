// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/notifications.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace mastobak::test;
using namespace std::chrono_literals;
using notify::NotifyEvent;

namespace {

const auto time_of_night = *parse_iso8601("2026-11-22T03:00:00Z");

RunRecord run_record() {
    RunRecord record;
    record.id = to_set_name(time_of_night);
    record.started_at = time_of_night;
    record.finished_at = time_of_night + 90s;
    record.by = "schedule";
    return record;
}

State state_of(const RunRecord& run) {
    State state;
    state.history.last_run = run;
    state.history.known_since = time_of_night - 1h;
    return state;
}

config::Config with_remote() {
    config::Config config;
    config.source = "x";
    config.offsite.emplace_back().name = "b2";
    return config;
}

std::vector<std::string> causes(const State& state, const std::optional<std::string>& newest,
                                Timestamp at) {
    const auto config = with_remote();
    std::vector<std::string> all;
    for (const auto& reason :
         reasons_of(judge(state, newest, config, at), state.history, config.alerts, at))
        all.push_back(reason.key);
    return all;
}

}  // namespace

TEST_CASE("a run has a message for its start, and one for its end") {
    auto record = run_record();
    const auto start = message_of_start(record);
    CHECK(start.event == NotifyEvent::start);
    CHECK(start.run == record.id);
    record.set = record.id;
    const auto good = message_of_end(record, "log");
    CHECK(good.event == NotifyEvent::success);
    CHECK(good.good);
    CHECK(good.took == 90s);
    CHECK(good.facts.at("SET") == record.id);
    CHECK(good.log == "log");
    record.warnings = {"one\nfile"};
    const auto warned = message_of_end(record, {});
    CHECK(warned.event == NotifyEvent::warnings);
    CHECK(warned.good);
    CHECK(has(warned.subject, "with 1 warning"));
    CHECK(has(warned.body, "warning: one\\x0afile\n"));

    auto failed = run_record();
    finish(failed, Error(Errc::database, "no server\x1b[2J", "start it"), time_of_night);
    const auto bad = message_of_end(failed, {});
    CHECK(bad.event == NotifyEvent::failure);
    CHECK_FALSE(bad.good);
    CHECK(bad.exit_status == 15);
    CHECK(has(bad.subject, "backup FAILED: no server\\x1b[2J"));
    CHECK(has(bad.body, "hint: start it\n"));
}

TEST_CASE("a message names its instance, and the commands for it") {
    const auto record = run_record();
    CHECK(message_of_start(record).subject.starts_with("mastobak on "));
    const auto message = message_of_end(record, "", Instance("fedi"));
    CHECK(message.subject.starts_with("mastobak@fedi on "));
    CHECK(
        has(message.body, "more: mastobak --instance fedi status; journalctl -u mastobak@fedi\n"));
}

TEST_CASE("a cause stays the same while the text of its reason changes") {
    auto record = run_record();
    record.set = record.id;
    auto state = state_of(record);
    offsite::RemoteState remote;
    remote.remote = "b2";
    remote.queued = 1;
    remote.oldest_queued = time_of_night;
    state.offsite = {remote};
    CHECK(causes(state, record.id, time_of_night + 1h).empty());
    CHECK(causes(state, record.id, time_of_night + 27h) ==
          std::vector<std::string>{"stale", "offsite b2"});
    CHECK(causes(state, record.id, time_of_night + 28h) ==
          std::vector<std::string>{"stale", "offsite b2"});
    // A full remote needs a person at once.
    state.offsite[0].last_error = "write: no space left on device";
    CHECK(causes(state, record.id, time_of_night + 1h) == std::vector<std::string>{"full b2"});
}

TEST_CASE("a missing first set is a reason only when it is late") {
    State state;
    state.history.known_since = time_of_night;
    CHECK(causes(state, {}, time_of_night + 1h).empty());
    CHECK(causes(state, {}, time_of_night + 26h) == std::vector<std::string>{"no-set"});
    auto failed = run_record();
    finish(failed, Error(Errc::database, "no server"), time_of_night);
    state.history.last_run = failed;
    CHECK(causes(state, {}, time_of_night + 1h) == std::vector<std::string>{"run"});
}

TEST_CASE("each reason has a cause") {
    auto failed = run_record();
    finish(failed, Error(Errc::database, "no server"), time_of_night);
    failed.down = {"mastodon-web.service"};
    auto state = state_of(failed);
    state.reload_problem = "x";
    state.staging_problem = "y";
    const auto health = judge(state, {}, {}, time_of_night);
    REQUIRE(health.causes.size() == health.reasons.size());
    CHECK(health.causes == std::vector<std::string>{"unit mastodon-web.service", "reload",
                                                    "staging", "run", "no-set"});
}

TEST_CASE("the message about the health has its reasons, new ones first") {
    notify::HealthNews news{.reasons = {{"run", "the last run failed: x"}, {"stale", "old"}}};
    Health health{Health::Verdict::failed, {}};
    const auto unhealthy = message_of(news, health, {}, time_of_night);
    CHECK(has(unhealthy.subject, ": UNHEALTHY: the last run failed: x"));
    CHECK(has(unhealthy.body, "- the last run failed: x\n- old\n"));
    CHECK(unhealthy.facts.at("VERDICT") == "failed");
    CHECK_FALSE(unhealthy.good);
    news.reminder = true;
    CHECK(has(message_of(news, health, {}, time_of_night).subject, ": still UNHEALTHY: "));
    const auto healthy = message_of({.event = NotifyEvent::recovery}, {}, {}, time_of_night);
    CHECK(has(healthy.subject, "healthy again"));
    CHECK(healthy.good);
}

TEST_CASE("a test ends with a good message") {
    using enum NotifyEvent;
    const notify::NotifyTarget target{
        .name = "t", .on = {success, failure, start, unhealthy, recovery}, .url = {}};
    std::vector<NotifyEvent> events;
    for (const auto& message : test_messages(target, time_of_night))
        events.push_back(message.event);
    CHECK(events == std::vector<NotifyEvent>{start, failure, unhealthy, recovery, success});
}
