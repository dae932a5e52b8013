// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/agenda.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"

namespace mastobak::daemon {
namespace {

/// The work that stop() cancels. `resume` is not cancelled: the daemon waits until the units are
/// started.
constexpr std::array cancelled_by_stop{Work::opening, Work::run,   Work::dry_run,  Work::retention,
                                       Work::drill,   Work::scrub, Work::schedule, Work::uploads};

/// The work that cancels a scrub, because a scrub would use the same disk and network.
constexpr std::array before_scrub{Work::opening, Work::resume,    Work::run,
                                  Work::dry_run, Work::retention, Work::drill};

Action cancel(Work work) {
    return {Action::Kind::cancel, work, {}};
}

}  // namespace

std::string_view to_string(Work work) {
    constexpr std::array names{"start", "resume", "run",      "dry run", "retention",
                               "drill", "scrub",  "schedule", "uploads"};
    return names.at(static_cast<std::size_t>(work));
}

bool uses_staging(Work work) {
    return work == Work::run || work == Work::dry_run || work == Work::retention;
}

Actions Agenda::start(Work work, std::string why) {
    Actions actions;
    const bool goes_first = std::ranges::find(before_scrub, work) != before_scrub.end();
    if (goes_first && is_under_way(Work::scrub)) actions.push_back(cancel(Work::scrub));
    under_way_.insert(work);
    actions.push_back({Action::Kind::start, work, std::move(why)});
    return actions;
}

Actions Agenda::begin() {
    return start(Work::opening);
}

Actions Agenda::ask(Work work, const std::string& why) {
    if (stopping_) throw Error(Errc::busy, "the daemon is shutting down");
    if (!ready_) throw Error(Errc::busy, "the daemon is starting", "try it again in a moment");
    const auto refuse_beside = [this](Work other, const char* text, const char* hint) {
        if (is_under_way(other)) throw Error(Errc::busy, text, hint);
    };
    const bool drill = work == Work::drill;
    if (drill)
        refuse_beside(Work::drill, "a drill is already in progress",
                      "'mastobak status' shows its progress");
    if (!drill) {
        refuse_beside(Work::run, "a run is already in progress",
                      "'mastobak status' shows its progress");
        refuse_beside(Work::dry_run, "a dry run is in progress",
                      "'mastobak status' shows its progress, 'mastobak cancel' ends it");
        refuse_beside(Work::retention, "retention is being applied to staging",
                      "try it again in a moment");
    }
    if (work == Work::run || work == Work::dry_run)
        refuse_beside(Work::resume, "units that a killed run has left stopped are being started",
                      "try it again in a moment");
    return start(work, why);
}

Actions Agenda::due(const std::string& why) {
    if (stopping_ || is_under_way(Work::run)) return {};
    due_ = why;
    return next({});
}

Actions Agenda::cancel_run() const {
    for (const auto work : {Work::run, Work::dry_run})
        if (is_under_way(work)) return {cancel(work)};
    return {};
}

Actions Agenda::end(Work work, bool failed, const Facts& facts) {
    under_way_.erase(work);
    const bool again = again_.erase(work) > 0;
    // systemd restarts the daemon, and the next start recovers from the failure.
    if (failed && !stopping_ && !again) return stop();
    Actions actions;
    if (stopping_) {
        close_when_done(actions);
        return actions;
    }
    if (work == Work::opening) {
        ready_ = true;
        auto both = start(Work::uploads);
        for (auto& action : start(Work::schedule)) both.push_back(std::move(action));
        return both;
    }
    if (again) return start(work);
    return next(facts);
}

Actions Agenda::not_begun(Work work, const std::string& why) {
    under_way_.erase(work);
    Actions actions;
    if (stopping_)
        close_when_done(actions);
    else if (work == Work::opening)
        return stop();  // systemd restarts the daemon
    else if (work == Work::run)
        due_ = why;
    else
        not_begun_.insert(work);
    return actions;
}

Actions Agenda::look(const Facts& facts) {
    if (stopping_ || !ready_) return {};
    Actions actions;
    for (const auto work : std::exchange(not_begun_, {})) {
        if (is_under_way(work)) continue;  // a client has requested it again
        if (uses_staging(work) && staging_is_in_use())
            not_begun_.insert(work);
        else
            for (auto& action : start(work)) actions.push_back(std::move(action));
    }
    for (auto& action : next(facts)) actions.push_back(std::move(action));
    return actions;
}

Actions Agenda::upload_begins() {
    if (stopping_ || !is_under_way(Work::scrub)) return {};
    return {cancel(Work::scrub)};
}

Actions Agenda::leftovers() {
    for (const auto work : {Work::run, Work::dry_run, Work::resume})
        if (is_under_way(work)) return {};
    if (stopping_) return {};
    return start(Work::resume);
}

Actions Agenda::again(Work work) {
    if (stopping_ || !ready_) return {};
    not_begun_.erase(work);
    if (!is_under_way(work)) return start(work);  // a disabled schedule ends by itself
    again_.insert(work);
    return {cancel(work)};
}

Actions Agenda::reload() {
    auto actions = again(Work::uploads);
    for (auto& action : again(Work::schedule)) actions.push_back(std::move(action));
    return actions;
}

Actions Agenda::stop() {
    if (std::exchange(stopping_, true)) return {};
    again_.clear();
    not_begun_.clear();
    due_.reset();
    Actions actions;
    for (const auto work : cancelled_by_stop)
        if (is_under_way(work)) actions.push_back(cancel(work));
    close_when_done(actions);
    return actions;
}

bool Agenda::staging_is_in_use() const {
    return std::ranges::any_of(under_way_, uses_staging);
}

// Starts the most important work that waits.
Actions Agenda::next(const Facts& facts) {
    if (!ready_ || staging_is_in_use()) return {};
    if (due_ && !is_under_way(Work::resume))
        return start(Work::run, *std::exchange(due_, std::nullopt));
    if (facts.packs_to_remove) return start(Work::retention);
    if (facts.drill_due && !is_under_way(Work::drill)) return start(Work::drill);
    const bool idle =
        std::ranges::none_of(before_scrub, [this](const auto work) { return is_under_way(work); });
    if (facts.scrub_due && !facts.uploading && idle && !is_under_way(Work::scrub))
        return start(Work::scrub);
    return {};
}

void Agenda::close_when_done(Actions& actions) const {
    if (under_way_.empty()) actions.push_back({Action::Kind::close, Work::opening, {}});
}

}  // namespace mastobak::daemon
