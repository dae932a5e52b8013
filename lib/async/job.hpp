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

/// A task that runs concurrently with the coroutine that started it, on the same loop. It can be
/// cancelled and awaited, and its exception is kept. Only Job and run_sync call co_spawn.
///
/// Objects that the task refers to have to outlive it: await end() before they are destroyed. The
/// Job itself may be destroyed earlier. For the loop's thread only.
template <>
class Job<void> {
 public:
    /// Called once when the task has ended, with its exception, or null when it did not throw.
    using OnEnd = std::function<void(std::exception_ptr)>;

    /// A job without a task, which has ended.
    Job() = default;
    /// Starts the task.
    Job(const asio::any_io_executor& loop, Task<> task, OnEnd on_end = {});

    /// Requests the cancellation of the task, and returns before it takes effect, so that a job may
    /// cancel itself. Has no effect on a task that has ended.
    void cancel();
    bool running() const;

    /// Waits until the task has ended, up to the limit.
    /// Returns whether it has ended.
    /// Cancel: throws Error{cancelled} at once; the task continues.
    Task<bool> ends_within(std::chrono::nanoseconds limit) const;

    /// Waits until the task has ended, however long that takes.
    /// Cancel: takes effect at the caller's next co_await.
    Task<> end() const;

    /// Returns the exception of a task that has ended; null when it did not throw.
    std::exception_ptr failure() const;

    /// Rethrows the exception of the task, if it threw one.
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

    /// Returns the result of the task, or rethrows its exception. May be called once, after the end
    /// of the task.
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

/// Waits until the job has ended. After the limit, cancels it and waits for its end.
/// Returns whether it ended in time; in that case, rethrows its exception.
/// Cancel: cancels the job, waits for its end, throws Error{cancelled}.
Task<bool> ended_in_time(Job<> job, std::chrono::nanoseconds limit);

/// Runs a task with a time limit. After the limit, cancels the task and waits for its end.
/// Returns whether the task ended in time. Throws the exceptions of the task.
/// Cancel: as ended_in_time().
Task<bool> with_deadline(std::chrono::nanoseconds limit, Task<> task);

/// Does the same for a task with a result. Returns nullopt when the task did not end in time.
template <typename T>
Task<std::optional<T>> with_deadline(std::chrono::nanoseconds limit, Task<T> task) {
    Job<T> job(co_await asio::this_coro::executor, std::move(task));
    if (!co_await ended_in_time(job, limit)) co_return std::nullopt;
    co_return job.result();
}

/// Runs tasks concurrently and waits for the end of all of them. When one throws, cancels the
/// others, waits for their end and rethrows the first exception.
/// Cancel: cancels all of them, waits for their end, throws Error{cancelled}.
Task<> all(std::vector<Task<>> tasks);

}  // namespace mastobak::async
