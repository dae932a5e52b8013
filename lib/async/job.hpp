// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "async/task.hpp"

namespace mastobak::async {

template <typename T = void>
class Job;

/// A coroutine beside the one that started it, on the same loop: it can be cancelled and waited
/// for, and its end is never overlooked. The only way to have one: nothing else calls co_spawn.
///
/// What the task refers to has to outlive it: wait for its end() before that goes away. The Job
/// itself may go away earlier. Used on the loop's thread only.
template <>
class Job<void> {
 public:
    /// Called once when the task has ended, with what it threw; null: it just ended.
    using OnEnd = std::function<void(std::exception_ptr)>;

    /// A job without a task, which has ended.
    Job() = default;
    /// Starts the task.
    Job(const asio::any_io_executor& loop, Task<> task, OnEnd on_end = {});

    /// Asks the task to end, from the loop: a job may cancel itself. No effect on one that ended.
    void cancel();
    bool running() const;

    /// Waits until the task has ended, at most this long.
    /// Returns whether it has ended.
    /// Cancel: throws Error{cancelled} at once; the task continues.
    Task<bool> ends_within(std::chrono::nanoseconds limit) const;

    /// Waits until the task has ended, however long that takes.
    /// Cancel: takes effect at the caller's next co_await.
    Task<> end() const;

    /// What the task has thrown, once it has ended; null: nothing.
    std::exception_ptr failure() const;

    /// Throws what the task has thrown, if anything.
    void rethrow() const;

 private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

/// A job with a result.
template <typename T>
class Job : public Job<> {
 public:
    Job() = default;
    Job(const asio::any_io_executor& loop, Task<T> task)
        : Job(loop, std::move(task), std::make_shared<std::optional<T>>()) {}

    /// What the task has returned, to be called once, when it has ended. Throws what it threw.
    T result() {
        rethrow();
        return std::move(result_->value());
    }

 private:
    using Result = std::shared_ptr<std::optional<T>>;

    Job(const asio::any_io_executor& loop, Task<T> task, Result result)
        : Job<>(loop, keep(std::move(task), result)), result_(std::move(result)) {}

    static Task<> keep(Task<T> task, Result result) { result->emplace(co_await std::move(task)); }

    Result result_;
};

/// Waits until the job has ended. Past the limit, it is cancelled, and its end awaited.
/// Returns whether it ended in time. Throws what it threw, when it did.
/// Cancel: cancels the job, waits for its end, throws Error{cancelled}.
Task<bool> ended_in_time(Job<> job, std::chrono::nanoseconds limit);

/// Runs a task with a limit.
/// Returns whether the task ended in time; past the limit, it is cancelled and its end awaited.
/// Throws what the task throws. Cancel: as ended_in_time().
Task<bool> with_deadline(std::chrono::nanoseconds limit, Task<> task);

/// The same for a task that returns something: that, or nullopt when it did not end in time.
template <typename T>
Task<std::optional<T>> with_deadline(std::chrono::nanoseconds limit, Task<T> task) {
    Job<T> job(co_await asio::this_coro::executor, std::move(task));
    if (!co_await ended_in_time(job, limit)) co_return std::nullopt;
    co_return job.result();
}

/// Runs tasks at the same time and waits for the end of all of them. When one throws, the others
/// are cancelled, and what the first one threw is thrown.
/// Cancel: cancels all of them, waits for their end, throws Error{cancelled}.
Task<> all(std::vector<Task<>> tasks);

}  // namespace mastobak::async
