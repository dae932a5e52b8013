// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "core/clock.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// A set that has to go to a remote, and how far that is.
struct Job {
    std::string set;
    std::string remote;
    Timestamp queued_at;
    int attempts = 0;
    std::optional<Timestamp> next_attempt;  ///< after a failure
    std::string last_error;
};

/// The durable queue: one small file a job in `<state>/queue/`. Survives the daemon, and anything
/// in it that cannot be read is reported, not silently dropped.
class Queue {
   public:
    explicit Queue(std::filesystem::path directory);
    void add(const Job& job);     ///< replaces the job of the same set and remote
    void remove(const Job& job);
    std::vector<Job> list() const;  ///< oldest set first

   private:
    std::filesystem::path directory_;
};

/// Where one remote stands: for `mastobak status` and STATUS=.
struct RemoteState {
    std::string remote;
    std::optional<std::string> newest_set;  ///< that is there completely
    std::optional<Timestamp> completed_at;
    std::size_t queued = 0;                 ///< sets that are not there yet
    std::optional<Timestamp> oldest_queued;
    std::string uploading;                  ///< object, or empty
    Bytes done;
    Bytes total;
    std::string last_error;
    std::optional<Timestamp> next_attempt;
};

/// How a failure is waited out.
struct Backoff {
    std::chrono::seconds first{30};
    std::chrono::seconds longest{3600};
    double factor = 2;
    std::chrono::seconds after(int attempts) const;
};

/// The list of objects of a set in the order in which they have to become visible: packs, then the
/// set's files, the manifest last. Read from staging.
std::vector<Object> objects_of_set(const std::filesystem::path& staging, const std::string& set);

/// Events worth a line in the journal.
struct UploadEvent {
    enum class Kind { started, finished, failed } kind = Kind::started;
    std::string set;
    std::string remote;
    std::string text;  ///< totals, or the error
    Bytes bytes;
    std::chrono::nanoseconds took{0};
};

/// Copies published sets to the remotes, from a queue of its own, with its own retries; one remote
/// does not wait for another. Lives on the event loop; the copying happens on the pool.
class Worker {
   public:
    Worker(boost::asio::thread_pool& pool, Queue queue, std::filesystem::path staging,
           std::vector<std::unique_ptr<Remote>> remotes, std::filesystem::path history_file,
           Clock& clock, Backoff backoff, std::function<void(const UploadEvent&)> report);
    ~Worker();

    /// Queues a set for every remote and wakes the worker.
    void add(const std::string& set);
    /// Tries everything queued now, whatever its back-off.
    void retry_now();
    /// Works until cancelled.
    async::Task<> run();
    /// Works until the queue is empty or everything left has failed once (`run --standalone`).
    async::Task<> drain();

    std::vector<RemoteState> state() const;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::offsite
