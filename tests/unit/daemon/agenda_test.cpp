// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/agenda.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

using Texts = std::vector<std::string>;

/// Returns actions as text, so that the table is readable: "start run (schedule)", "close".
Texts texts(const Actions& actions) {
    Texts all;
    for (const auto& [kind, work, why] : actions) {
        if (kind == Action::Kind::close) {
            all.emplace_back("close");
            continue;
        }
        std::string text = kind == Action::Kind::start ? "start " : "cancel ";
        text += to_string(work);
        if (!why.empty()) text += " (" + why + ")";
        all.push_back(std::move(text));
    }
    return all;
}

constexpr bool failed = true, well = false;

/// Returns the agenda of a daemon that is ready, and only waits and uploads.
Agenda ready() {
    Agenda agenda;
    agenda.begin();
    agenda.end(Work::opening, well, {});
    return agenda;
}

Agenda running() {
    auto agenda = ready();
    agenda.ask(Work::run, "request");
    return agenda;
}

std::string refusal(Agenda& agenda, Work work) {
    try {
        agenda.ask(work, "request");
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == Errc::busy);
        return error.text();
    }
}

}  // namespace

TEST_CASE("the daemon opens, then uploads and waits for the hour") {
    Agenda agenda;
    CHECK(texts(agenda.begin()) == Texts{"start start"});
    CHECK(!agenda.ready());
    CHECK(refusal(agenda, Work::run) == "the daemon is starting");
    CHECK(texts(agenda.end(Work::opening, well, {})) == Texts{"start uploads", "start schedule"});
    CHECK(agenda.ready());
}

TEST_CASE("a run is refused beside a run, retention and a resume") {
    auto agenda = running();
    CHECK(refusal(agenda, Work::run) == "a run is already in progress");
    CHECK(refusal(agenda, Work::retention) == "a run is already in progress");
    agenda = ready();
    agenda.ask(Work::retention, "");
    CHECK(refusal(agenda, Work::run) == "retention is being applied to staging");
    CHECK(refusal(agenda, Work::retention) == "retention is being applied to staging");
    agenda = ready();
    agenda.leftovers();
    CHECK(refusal(agenda, Work::run).find("are being started") != std::string::npos);
}

TEST_CASE("a dry run is refused beside what uses staging, and gives way to nothing but a cancel") {
    auto agenda = running();
    CHECK(refusal(agenda, Work::dry_run) == "a run is already in progress");
    agenda = ready();
    CHECK(texts(agenda.ask(Work::dry_run, "")) == Texts{"start dry run"});
    CHECK(refusal(agenda, Work::run) == "a dry run is in progress");
    CHECK(refusal(agenda, Work::dry_run) == "a dry run is in progress");
    CHECK(refusal(agenda, Work::retention) == "a dry run is in progress");
    CHECK(texts(agenda.ask(Work::drill, "")) == Texts{"start drill"});
    CHECK(agenda.leftovers().empty());
    CHECK(texts(agenda.cancel_run()) == Texts{"cancel dry run"});
    // The scheduled run waits for the end of the dry run.
    CHECK(agenda.due("schedule").empty());
    CHECK(texts(agenda.end(Work::dry_run, well, {})) == Texts{"start run (schedule)"});
    agenda = ready();
    agenda.leftovers();
    CHECK(refusal(agenda, Work::dry_run).find("are being started") != std::string::npos);
    agenda = ready();
    agenda.ask(Work::dry_run, "");
    const auto ended = texts(agenda.stop());
    CHECK(std::ranges::find(ended, "cancel dry run") != ended.end());
}

TEST_CASE("a drill may be under way beside a run, but only one") {
    auto agenda = running();
    CHECK(texts(agenda.ask(Work::drill, "")) == Texts{"start drill"});
    CHECK(refusal(agenda, Work::drill) == "a drill is already in progress");
}

TEST_CASE("a run that is due waits for what is in its way") {
    auto agenda = ready();
    agenda.ask(Work::retention, "");
    CHECK(agenda.due("schedule").empty());
    CHECK(texts(agenda.end(Work::retention, well, {.packs_to_remove = true, .drill_due = true})) ==
          Texts{"start run (schedule)"});

    agenda = ready();
    agenda.leftovers();
    CHECK(agenda.due("catch-up").empty());
    CHECK(texts(agenda.end(Work::resume, well, {})) == Texts{"start run (catch-up)"});

    agenda = ready();
    CHECK(texts(agenda.due("retry")) == Texts{"start run (retry)"});
}

TEST_CASE("a run that is under way takes the place of the one that is due") {
    auto agenda = running();
    CHECK(agenda.due("schedule").empty());
    CHECK(agenda.end(Work::run, well, {}).empty());
}

TEST_CASE("after a run come the packs that may go, then the drill that is due") {
    auto agenda = running();
    CHECK(texts(agenda.end(Work::run, well, {.packs_to_remove = true, .drill_due = true})) ==
          Texts{"start retention"});
    CHECK(texts(agenda.end(Work::retention, well, {.drill_due = true})) == Texts{"start drill"});
    CHECK(agenda.look({.drill_due = true}).empty());
}

TEST_CASE("a drill that becomes due while uploading waits until all has arrived") {
    auto agenda = ready();
    CHECK(agenda.look({.drill_due = false}).empty());
    CHECK(texts(agenda.look({.drill_due = true})) == Texts{"start drill"});
}

TEST_CASE("a cancel reaches a run that has hardly begun, and nothing else") {
    auto agenda = ready();
    CHECK(agenda.cancel_run().empty());
    agenda.ask(Work::run, "request");
    CHECK(texts(agenda.cancel_run()) == Texts{"cancel run"});
    // It ends as a cancelled run, and the daemon continues.
    CHECK(agenda.end(Work::run, well, {}).empty());
    CHECK(!agenda.stopping());
}

TEST_CASE("a stop cancels what is under way, and closes when the last of it has ended") {
    auto agenda = running();
    agenda.ask(Work::drill, "");
    CHECK(texts(agenda.stop()) ==
          Texts{"cancel run", "cancel drill", "cancel schedule", "cancel uploads"});
    CHECK(agenda.stop().empty());
    for (const auto work : {Work::drill, Work::schedule, Work::uploads})
        CHECK(agenda.end(work, failed, {.packs_to_remove = true}).empty());
    CHECK(texts(agenda.end(Work::run, well, {.drill_due = true})) == Texts{"close"});
    CHECK(refusal(agenda, Work::drill) == "the daemon is shutting down");
    CHECK(agenda.due("schedule").empty());
    CHECK(agenda.look({.drill_due = true}).empty());
}

TEST_CASE("a stop waits for units that are being started, and does not cancel that") {
    auto agenda = ready();
    agenda.leftovers();
    CHECK(texts(agenda.stop()) == Texts{"cancel schedule", "cancel uploads"});
    CHECK(agenda.end(Work::schedule, well, {}).empty());
    CHECK(agenda.end(Work::uploads, well, {}).empty());
    CHECK(texts(agenda.end(Work::resume, well, {})) == Texts{"close"});
}

TEST_CASE("a stop while the daemon opens starts nothing more") {
    Agenda agenda;
    agenda.begin();
    CHECK(texts(agenda.stop()) == Texts{"cancel start"});
    CHECK(texts(agenda.end(Work::opening, failed, {})) == Texts{"close"});
    CHECK(!agenda.ready());
}

TEST_CASE("a reload begins the schedule and the uploads anew, also during a run") {
    auto agenda = running();
    CHECK(texts(agenda.reload()) == Texts{"cancel uploads", "cancel schedule"});
    // A worker that fails because it was cancelled does not stop the daemon.
    CHECK(texts(agenda.end(Work::uploads, failed, {})) == Texts{"start uploads"});
    CHECK(texts(agenda.end(Work::schedule, well, {})) == Texts{"start schedule"});
    CHECK(agenda.is_under_way(Work::run));
    CHECK(!agenda.stopping());
}

TEST_CASE("a reload begins a schedule that was off") {
    auto agenda = ready();
    agenda.end(Work::schedule, well, {});
    CHECK(texts(agenda.reload()) == Texts{"cancel uploads", "start schedule"});
}

TEST_CASE("a stop after a reload begins nothing anew") {
    auto agenda = ready();
    agenda.reload();
    agenda.stop();
    CHECK(agenda.end(Work::uploads, failed, {}).empty());
    CHECK(texts(agenda.end(Work::schedule, well, {})) == Texts{"close"});
}

TEST_CASE("work that fails stops the daemon, whatever it was") {
    for (const auto work :
         {Work::run, Work::retention, Work::drill, Work::schedule, Work::uploads, Work::resume}) {
        INFO(to_string(work));
        auto agenda = ready();
        if (work == Work::resume) agenda.leftovers();
        if (work == Work::run || work == Work::retention || work == Work::drill)
            agenda.ask(work, "");
        CHECK(!agenda.end(work, failed, {}).empty());
        CHECK(agenda.stopping());
    }
}

TEST_CASE("work that a full disk keeps from beginning is tried again, and stops nothing") {
    auto agenda = ready();
    CHECK(agenda.not_begun(Work::uploads).empty());
    CHECK(!agenda.stopping());
    CHECK(texts(agenda.look({})) == Texts{"start uploads"});
    CHECK(agenda.look({}).empty());

    SECTION("a reload tries it at once") {
        agenda.not_begun(Work::uploads);
        CHECK(texts(agenda.reload()) == Texts{"start uploads", "cancel schedule"});
    }
    SECTION("a stop does not wait for it") {
        agenda.not_begun(Work::uploads);
        CHECK(texts(agenda.stop()) == Texts{"cancel schedule"});
        CHECK(texts(agenda.end(Work::schedule, well, {})) == Texts{"close"});
    }
    SECTION("a run goes its way meanwhile") {
        agenda.not_begun(Work::uploads);
        CHECK(texts(agenda.due("schedule")) == Texts{"start run (schedule)"});
    }
    SECTION("a run keeps its reason, and waits for what is in its way") {
        agenda.due("retry");
        agenda.not_begun(Work::run, "retry");
        CHECK(texts(agenda.ask(Work::retention, "")) == Texts{"start retention"});
        CHECK(agenda.look({}).empty());
        CHECK(texts(agenda.end(Work::retention, well, {})) == Texts{"start run (retry)"});
    }
    SECTION("what a client has asked for again does not begin twice") {
        agenda.ask(Work::drill, "");
        agenda.not_begun(Work::drill);
        CHECK(texts(agenda.ask(Work::drill, "")) == Texts{"start drill"});
        CHECK(agenda.look({}).empty());
    }
    SECTION("a dry run does not begin beside a run") {
        agenda.ask(Work::dry_run, "");
        agenda.not_begun(Work::dry_run);
        agenda.due("schedule");
        CHECK(agenda.look({}).empty());
        CHECK(agenda.end(Work::run, well, {}).empty());
        CHECK(texts(agenda.look({})) == Texts{"start dry run"});
    }
}

TEST_CASE("a daemon that cannot open its state stops, so that systemd restarts it") {
    Agenda agenda;
    agenda.begin();
    CHECK(texts(agenda.not_begun(Work::opening)) == Texts{"close"});
}

TEST_CASE("leftovers of another process wait for a run of ours") {
    auto agenda = running();
    CHECK(agenda.leftovers().empty());
    agenda.end(Work::run, well, {});
    CHECK(texts(agenda.leftovers()) == Texts{"start resume"});
    CHECK(agenda.leftovers().empty());
}

TEST_CASE("a scrub begins when nothing else is going on, after all that is due") {
    const Facts due{.scrub_due = true};
    auto agenda = ready();
    CHECK(texts(agenda.look(due)) == Texts{"start scrub"});
    CHECK(agenda.look(due).empty());  // only one at a time
    CHECK(agenda.end(Work::scrub, well, {}).empty());

    agenda = running();
    CHECK(agenda.look(due).empty());
    const Facts all{.packs_to_remove = true, .drill_due = true, .scrub_due = true};
    CHECK(texts(agenda.end(Work::run, well, all)) == Texts{"start retention"});
    CHECK(texts(agenda.end(Work::retention, well, {.drill_due = true, .scrub_due = true})) ==
          Texts{"start drill"});
    CHECK(agenda.look(due).empty());
    CHECK(texts(agenda.end(Work::drill, well, due)) == Texts{"start scrub"});

    for (const auto work : {Work::run, Work::dry_run, Work::retention, Work::drill}) {
        INFO(to_string(work));
        agenda = ready();
        agenda.ask(work, "");
        CHECK(agenda.look(due).empty());
        CHECK(texts(agenda.end(work, well, due)) == Texts{"start scrub"});
    }
    agenda = ready();
    agenda.leftovers();
    CHECK(agenda.look(due).empty());
    agenda = ready();
    CHECK(agenda.look({.scrub_due = true, .uploading = true}).empty());
    CHECK(agenda.look({.uploading = false}).empty());
}

TEST_CASE("a scrub gives way to whatever begins, and holds up nothing") {
    const auto scrubbing = [] {
        auto agenda = ready();
        agenda.look({.scrub_due = true});
        REQUIRE(agenda.is_under_way(Work::scrub));
        return agenda;
    };
    const std::vector<std::pair<Work, std::string>> works{
        {Work::run, "start run (request)"},
        {Work::dry_run, "start dry run (request)"},
        {Work::retention, "start retention (request)"},
        {Work::drill, "start drill (request)"}};
    for (const auto& [work, start] : works) {
        auto agenda = scrubbing();
        CHECK(texts(agenda.ask(work, "request")) == Texts{"cancel scrub", start});
        CHECK(agenda.end(Work::scrub, well, {.scrub_due = true}).empty());
        CHECK(texts(agenda.end(work, well, {.scrub_due = true})) == Texts{"start scrub"});
    }
    auto agenda = scrubbing();
    CHECK(texts(agenda.due("schedule")) == Texts{"cancel scrub", "start run (schedule)"});
    agenda = scrubbing();
    CHECK(texts(agenda.leftovers()) == Texts{"cancel scrub", "start resume"});
    agenda = scrubbing();
    CHECK(texts(agenda.look({.drill_due = true, .scrub_due = true})) ==
          Texts{"cancel scrub", "start drill"});
    agenda = scrubbing();
    CHECK(texts(agenda.upload_begins()) == Texts{"cancel scrub"});
    CHECK(agenda.end(Work::scrub, well, {.scrub_due = true, .uploading = true}).empty());
    CHECK(agenda.upload_begins().empty());
    agenda = scrubbing();
    CHECK(texts(agenda.reload()) == Texts{"cancel uploads", "cancel schedule"});
    agenda = scrubbing();
    CHECK(texts(agenda.stop()) == Texts{"cancel scrub", "cancel schedule", "cancel uploads"});
}
