// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/turn.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

#include "async/timers.hpp"
#include "backup/plan.hpp"
#include "core/error.hpp"
#include "core/files/lock_file.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// flock(2) does not report that a lock is free, except by waiting, which cannot be cancelled.
constexpr std::chrono::milliseconds look_again_after{500};

/// How an attempt to take the lock ended.
struct Attempt {
    std::optional<UniqueFd> lock{};
    std::string holder{};   ///< "another run (process 7) uses this host"; empty: nothing holds it
    std::string problem{};  ///< why the file cannot be locked; empty: it can
};

Attempt attempt(const fs::path& file) {
    Attempt result;
    try {
        result.lock = lock_file(file, "this host", Errc::environment);
    } catch (const Error& error) {
        (error.code() == Errc::busy ? result.holder : result.problem) = error.text();
    }
    return result;
}

}  // namespace

TurnFiles turn_files(const config::Config& config) {
    const bool usual = config.runtime_directory == config.instance.runtime_directory();
    const auto of_host = Instance::lock_of_host();
    return {.host = usual ? of_host : config.runtime_directory / of_host.filename(),
            .own = backup::units_lock_file(config)};
}

async::Task<std::optional<UniqueFd>> wait_for_turn(TurnFiles files, backup::Observer& observer,
                                                   std::stop_token stop) {
    bool told = false;
    while (true) {
        auto result = attempt(files.host);
        if (result.lock) co_return std::move(result.lock);
        const auto process = process_of_lock(files.host);
        if (!process.empty() && process == process_of_lock(files.own)) co_return std::nullopt;
        if (!result.problem.empty()) {
            observer.message(backup::Severity::warning,
                             fmt::format("runs of other instances of this host are not waited for: "
                                         "{}, ignoring",
                                         result.problem));
            co_return std::nullopt;
        }
        if (holder_is_killed(files.host)) {
            observer.message(backup::Severity::warning,
                             fmt::format("{}, was killed and cannot end, ignoring", result.holder));
            co_return std::nullopt;
        }
        if (!std::exchange(told, true)) {
            observer.step("turn");
            observer.message(backup::Severity::info,
                             fmt::format("waits for its turn: {}", result.holder));
        }
        observer.progress(-1, result.holder);
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        co_await async::wait_for(look_again_after);
    }
}

}  // namespace mastobak::daemon
