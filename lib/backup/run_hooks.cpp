// SPDX-License-Identifier: GPL-3.0-or-later
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "backup/run.hpp"

namespace mastobak::backup {

namespace asio = boost::asio;

async::Task<> Run::hook(std::string name, config::Hook hook) {
    if (hook.command.empty()) co_return;
    HookRun run{.name = name, .hook = std::move(hook)};
    run.facts["RUN"] = services_.run_id;
    auto work = checked_hook(std::move(run));
    co_await steps_.run(std::move(name), std::move(work));
}

async::Task<> Run::checked_hook(HookRun run) {
    const auto problem = co_await run_hook(services_.pool, run);
    if (problem.empty()) co_return;
    if (run.hook.on_failure == config::HookFailure::stop) throw stopped_by_hook(run, problem);
    warn(problem + ", ignoring");
}

// Once before_freeze has begun, after_freeze is run, whatever happens: the first may have left
// something that the second undoes. The units run again by then.
async::Task<Run::Frozen> Run::between_hooks(async::Task<Frozen> freeze) {
    std::optional<Frozen> frozen;
    std::exception_ptr failure;
    try {
        co_await hook("before_freeze", config_.hooks.before_freeze);
        frozen = co_await std::move(freeze);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!config_.hooks.after_freeze.command.empty()) {
        // Otherwise each co_await after a cancellation would throw.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        try {
            co_await hook("after_freeze", config_.hooks.after_freeze);
        } catch (...) {
            if (!failure) failure = std::current_exception();
        }
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    }
    if (failure) std::rethrow_exception(failure);
    if (stop_.stop_requested()) throw Error(Errc::cancelled, "the run was cancelled");
    co_return std::move(*frozen);
}

}  // namespace mastobak::backup
