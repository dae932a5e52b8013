// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "core/clock.hpp"
#include "offsite/backoff.hpp"
#include "offsite/queue.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Where one remote stands: for `mastobak status` and STATUS=.
struct RemoteState {
    std::string remote;
    std::optional<std::string> newest_set;  ///< that is there completely
    std::optional<Timestamp> completed_at;
    std::size_t queued = 0;  ///< sets that are not there yet
    std::optional<Timestamp> oldest_queued;
    std::optional<Bytes> waiting;  ///< of these, that are not there yet; nothing: not known yet
    std::string uploading;         ///< object, or empty
    Bytes done;
    Bytes total;
    Bytes rate;                                ///< of this upload so far, a second; 0: not known
    std::optional<std::chrono::seconds> left;  ///< of this upload at that rate
    std::string last_error;                    ///< empty again once something gets there
    std::optional<Timestamp> failed_at;
    std::optional<Timestamp> next_attempt;
    bool pruning = false;  ///< WhenIdle is at work there, or is about to
};

/// Events worth a line in the journal.
struct UploadEvent {
    enum class Kind { started, finished, failed } kind = Kind::started;
    std::string set;
    std::string remote;
    std::string text;  ///< totals, or the error
    Bytes bytes;
    std::chrono::nanoseconds took{0};
};

/// What is done with a remote when a set has come there and nothing more is queued for it, or when
/// prune() was called. Nothing else uses the remote meanwhile. Throws nothing but a cancellation.
using WhenIdle = std::function<async::Task<>(std::shared_ptr<Remote>)>;

/// Copies published sets to the remotes, from a queue of its own, with its own retries; one remote
/// does not wait for another. Lives on the event loop; the copying happens on the pool, one thread
/// of which each remote keeps busy.
class Worker {
 public:
    /// \param pool with at least as many threads as there are remotes, and no other tenant
    /// \param history_file what is complete at which remote; survives the daemon
    Worker(boost::asio::thread_pool& pool, Queue queue, std::filesystem::path staging,
           std::vector<std::unique_ptr<Remote>> remotes, std::filesystem::path history_file,
           Clock& clock, Backoff backoff, std::function<void(const UploadEvent&)> report,
           WhenIdle when_idle = {});
    ~Worker();

    /// Queues a set for every remote and wakes the worker.
    void add(const std::string& set);
    /// Tries everything queued now, whatever its back-off.
    void retry_now();
    /// Calls WhenIdle for every remote as soon as nothing is queued for it.
    void prune();
    /// Works until cancelled, then throws Error{cancelled}; what was being copied is tried again
    /// by the next one. Neither run() nor drain() may be called while one of them is in progress.
    async::Task<> run();
    /// Works until the queue is empty or everything left has failed once (`run --standalone`).
    async::Task<> drain();

    std::vector<RemoteState> state() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::offsite
