// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "offsite/backoff.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/worker.hpp"

namespace mastobak::offsite {

/// What the uploaders of a worker have in common.
struct Services {
    boost::asio::thread_pool& pool;
    Queue queue;
    std::filesystem::path staging;
    History history;
    Clock& clock;
    Backoff backoff;
    std::function<void(const UploadEvent&)> report;
    WhenIdle when_idle;
};

/// What an upload came to.
struct Totals {
    std::size_t objects = 0;
    std::size_t known = 0;  ///< of these: packs that were compared there on another night
    Bytes sent;
};

/// The part of the worker that belongs to one remote: its jobs, one after the other.
class RemoteUploader {
 public:
    /// \param jobs of this remote that the queue has
    RemoteUploader(Services& services, std::unique_ptr<Remote> remote, std::vector<Job> jobs);

    const std::string& remote() const { return remote_->name(); }
    void add(const std::string& set);
    void retry_now();
    void prune();
    async::Task<> run();
    async::Task<> drain();
    RemoteState state() const;

 private:
    using Listing = std::map<std::string, Bytes>;

    bool is_due(const Job& job) const;
    /// The set of the oldest job that may be tried now.
    std::optional<std::string> next_due() const;
    async::Task<> wait(std::shared_ptr<boost::asio::steady_timer> timer) const;
    void wake();

    bool prune_is_due() const;
    async::Task<> prune_now();
    /// What could not be looked at is forgotten after the next upload.
    async::Task<> forget_removed();
    async::Task<> attempt(std::string set);
    async::Task<> upload(std::string set, Totals& totals);
    async::Task<> put(Object object, Totals& totals);
    bool is_known(const Object& object, const Listing& packs);
    /// Measures what is queued, as far as that can be known without asking the remote.
    async::Task<> measure(std::string set);
    /// Whether a pack is not here any more, but there; it was verified before it was removed.
    /// Throws Error{offsite} if it is at neither place.
    bool take_away(const Object& object, const Listing& packs);
    /// Forgets packs that neither the remote had nor this set needs.
    void forget_others(const std::vector<Object>& objects, const Listing& packs);
    void complete(const std::string& set);
    void fail(const std::string& set, std::exception_ptr failure);
    void drop(const std::string& set);
    void report(UploadEvent::Kind kind, const std::string& set, std::string text,
                const Totals& totals = {}, std::chrono::nanoseconds took = {});

    Services& services_;
    /// Shared with what the pool is doing, which may outlive us when the loop is torn down.
    std::shared_ptr<Remote> remote_;
    std::vector<Job> jobs_;  ///< oldest set first
    std::weak_ptr<boost::asio::steady_timer> waiting_;
    bool prune_due_ = false;  ///< a set has come, or it was asked for
    bool pruning_ = false;
    std::optional<Timestamp> works_since_;  ///< the last complete upload of this process

    std::chrono::steady_clock::time_point began_;  ///< the upload in progress
    std::string uploading_;
    Bytes size_;  ///< of the object
    Bytes done_;
    Bytes total_;
    std::optional<Bytes> lacking_;  ///< by all queued sets, but for the upload in progress
    Bytes behind_;                  ///< of these: not by the set of the last attempt
    /// The progress of the object; the only thing that the pool's thread writes to.
    std::shared_ptr<std::atomic<std::uint64_t>> sent_;
};

}  // namespace mastobak::offsite
