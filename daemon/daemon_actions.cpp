// SPDX-License-Identifier: GPL-3.0-or-later
// What the agenda decides, performed.
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "async/job.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"

namespace mastobak::daemon {

// Performs the actions of the agenda, in this one place. It must not throw: the loop calls it, and
// an exception there would end all coroutines where they are.
void Daemon::perform_all(const Actions& actions) {
    for (const auto& action : actions) {
        switch (action.kind) {
            case Action::Kind::start:
                begin(action);
                break;
            case Action::Kind::cancel:
                if (uses_staging(action.work)) stop_run_.request_stop();
                jobs_[action.work].cancel();
                break;
            case Action::Kind::close:
                close();
                break;
        }
    }
}

void Daemon::begin(const Action& action) {
    const auto work = action.work;
    try {
        auto task = task_of(action);
        jobs_[work] = async::Job<>(
            loop_.get_executor(), std::move(task),
            [this, work](std::exception_ptr failure) { ended(work, std::move(failure)); });
    } catch (const std::exception& error) {
        log_->error("{} cannot start: {}, will retry", to_string(work), describe(error));
        perform_all(agenda_.not_begun(work, action.why));
    }
}

async::Task<> Daemon::task_of(const Action& action) {
    switch (action.work) {
        case Work::opening:
            return open();
        case Work::resume:
            return resume_units();
        case Work::run:
            return make_run(action.why);
        case Work::dry_run:
            return make_dry_run();
        case Work::retention:
            stop_run_ = {};
            packs_arrived_ = false;
            return one_prune(std::exchange(prune_options_, {}));
        case Work::drill:
            return make_drill();
        case Work::scrub:
            return make_scrub();
        case Work::schedule:
            return make_schedule();
        case Work::uploads:
            return make_uploads();
    }
    throw Error(Errc::internal, "there is no such work");
}

}  // namespace mastobak::daemon
