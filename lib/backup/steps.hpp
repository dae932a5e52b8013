// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "core/clock.hpp"

namespace mastobak::backup {

enum class Severity { debug, info, warning, error, critical };

/// Receives the progress of a run. The engine never prints and never logs.
class Observer {
 public:
    virtual ~Observer() = default;

    /// Called on the event loop when a step begins. An exception thrown here fails the run at that
    /// step. Tests use this to fail, cancel and kill a run at every step without a list of the
    /// steps.
    virtual void step(std::string_view name) = 0;

    /// Reports the progress of the current step. Called often, from any thread.
    /// \param fraction 0 to 1; negative when unknown
    virtual void progress(double fraction, std::string_view detail) = 0;

    /// Passes one line for the journal. Called on the event loop.
    virtual void message(Severity severity, std::string_view text) = 0;
};

/// One step of a run and how long it took.
struct StepTime {
    std::string name;
    std::chrono::nanoseconds took{0};
};

/// Runs a task and stores its result, which has to outlive the task.
template <typename T>
async::Task<> keep_result(async::Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
}

/// Runs the steps of a run: reports each to the observer, and measures it. For the loop's thread
/// only.
class Steps {
 public:
    Steps(Clock& clock, Observer& observer) : clock_(clock), observer_(observer) {}

    /// Runs a step. Rethrows its exception, after failed() has got the name.
    async::Task<> run(std::string name, async::Task<> work);
    /// Does the same for a step with a result.
    template <typename T>
    async::Task<T> run(std::string name, async::Task<T> work) {
        std::optional<T> result;
        auto kept = keep_result(std::move(work), result);
        co_await run(std::move(name), std::move(kept));
        co_return std::move(*result);
    }
    /// Adds a step that was not run by run().
    void add(StepTime step) { times_.push_back(std::move(step)); }

    const std::vector<StepTime>& times() const { return times_; }
    /// Returns the first step that failed; empty when none did.
    const std::string& failed() const { return failed_; }

 private:
    Clock& clock_;
    Observer& observer_;
    std::vector<StepTime> times_{};
    std::string failed_{};
};

}  // namespace mastobak::backup
