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
#include "offsite/queue.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// The state of one remote, for `mastobak status` and STATUS=.
struct RemoteState {
    std::string remote;
    std::optional<std::string> newest_set;  ///< the newest complete set
    std::optional<Timestamp> completed_at;
    std::optional<Bytes> free;  ///< what was free there after the last upload; nullopt: not known
    std::size_t queued = 0;     ///< number of sets still to upload
    std::optional<Timestamp> oldest_queued;
    std::optional<Bytes> waiting;  ///< size of the objects that these need; nullopt: not known yet
    std::string uploading;         ///< name of the current object; empty when idle
    Bytes done;
    Bytes total;
    /// bytes per second of this upload; 0 when not known
    Bytes rate;
    std::optional<std::chrono::seconds> left;  ///< time left for this upload at that rate
    std::string last_error;                    ///< cleared by the next success
    std::optional<Timestamp> failed_at;
    std::optional<Timestamp> next_attempt;
    bool pruning = false;  ///< WhenIdle is in progress, or about to begin
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

/// Called with a remote when a set is complete there and no other set is queued for it, or after
/// prune(). The remote is not used elsewhere during the call. Must throw only on cancellation.
using WhenIdle = std::function<async::Task<>(std::shared_ptr<Remote>)>;

/// Copies published sets to the remotes. It has its own durable queue and its own retries, and the
/// remotes do not wait for each other. It runs on the event loop; the copying runs on the pool,
/// where each remote occupies one thread.
class Worker {
 public:
    /// \param pool must have at least as many threads as there are remotes, and no other users
    /// \param history_file file with the state of each remote; outlives the daemon
    Worker(boost::asio::thread_pool& pool, Queue queue, std::filesystem::path staging,
           std::vector<std::unique_ptr<Remote>> remotes, std::filesystem::path history_file,
           Clock& clock, Backoff backoff, std::function<void(const UploadEvent&)> report,
           WhenIdle when_idle = {});
    ~Worker();

    /// Queues a set for every remote and wakes the worker.
    void add(const std::string& set);
    /// Tries all queued jobs now, without waiting for their back-off.
    void retry_now();
    /// Calls WhenIdle for every remote as soon as nothing is queued for it.
    void prune();
    /// Works until cancelled, then throws Error{cancelled}. The next worker repeats the interrupted
    /// upload. Neither run() nor drain() may be called while one of them is in progress.
    async::Task<> run();
    /// Works until the queue is empty or each remaining job has failed once (`run --standalone`).
    async::Task<> drain();

    std::vector<RemoteState> state() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::offsite
