// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/scheduler.hpp"

#include <random>
#include <utility>

#include "async/timers.hpp"

namespace mastobak::daemon {
namespace {

std::chrono::seconds draw(std::chrono::seconds limit) {
    std::random_device source;
    return std::chrono::seconds{
        std::uniform_int_distribution<std::int64_t>(0, limit.count())(source)};
}

}  // namespace

Scheduler::Scheduler(config::Schedule schedule, Clock& clock, Hooks hooks)
    : schedule_(schedule), clock_(clock), hooks_(std::move(hooks)) {
    daily_.at = schedule_.daily_at;
    if (schedule_.enabled) plan_next();
}

void Scheduler::plan_next() {
    daily_.random_delay = draw(schedule_.random_delay);
    next_ = schedule::next_due(daily_, clock_.now());
    // If the clock was set back past the time of today's run, no second run is made today.
    if (next_ == last_due_) next_ = schedule::next_due(daily_, *next_);
}

void Scheduler::catch_up() {
    if (!schedule_.catch_up) return;
    const schedule::Daily exact{schedule_.daily_at, schedule_.random_delay};
    if (schedule::missed(exact, hooks_.last_run(), hooks_.known_since, clock_.now()))
        hooks_.due("catch-up");
}

async::Task<> Scheduler::run() {
    if (!schedule_.enabled) co_return;
    for (;;) {
        catch_up();
        plan_next();
        retry_ = hooks_.retry ? hooks_.retry() : std::nullopt;
        if (retry_ && *retry_ >= *next_) retry_.reset();
        const auto how = co_await async::wait_until(retry_.value_or(*next_));
        if (how == async::WallClock::set) continue;
        if (std::exchange(retry_, std::nullopt)) {
            hooks_.due("retry");
            continue;
        }
        last_due_ = next_;
        hooks_.due("schedule");
    }
}

}  // namespace mastobak::daemon
