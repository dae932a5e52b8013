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
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/worker.hpp"

namespace mastobak::offsite {

/// The objects that the uploaders of a worker share.
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

/// The totals of one upload.
struct Totals {
    std::size_t objects = 0;
    std::size_t known = 0;  ///< packs among these that an earlier upload compared
    Bytes sent;
};

/// The uploader of one remote. It works on one job at a time.
class RemoteUploader {
 public:
    /// \param jobs the jobs of this remote from the queue
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
    /// Returns the set of the oldest job that is due.
    std::optional<std::string> next_due() const;
    async::Task<> wait(std::shared_ptr<boost::asio::steady_timer> timer) const;
    void wake();

    bool prune_is_due() const;
    async::Task<> prune_now();
    /// Removes packs from the history that the remote does not list any more. If the listing fails,
    /// the next upload does this.
    async::Task<> forget_removed();
    async::Task<> attempt(std::string set);
    async::Task<> upload(std::string set, Totals& totals);
    async::Task<> put(Object object, Totals& totals);
    async::Task<> look_at_room();
    bool is_known(const Object& object, const Listing& packs);
    /// Computes the size of the queued objects, as far as it is known without asking the remote.
    async::Task<> measure(std::string set);
    /// Returns whether a pack is not in staging any more but at the remote. It was verified there
    /// before it was removed from staging.
    /// Throws Error{offsite} when it is at neither place.
    bool take_away(const Object& object, const Listing& packs);
    /// Removes packs from the history that the remote did not list and that this set does not need.
    void forget_others(const std::vector<Object>& objects, const Listing& packs);
    void complete(const std::string& set);
    void fail(const std::string& set, std::exception_ptr failure);
    void drop(const std::string& set);
    void report(UploadEvent::Kind kind, const std::string& set, std::string text,
                const Totals& totals = {}, std::chrono::nanoseconds took = {});

    Services& services_;
    /// Shared with the work on the pool, which may outlive this object when the loop is destroyed.
    std::shared_ptr<Remote> remote_;
    std::vector<Job> jobs_;  ///< oldest set first
    std::weak_ptr<boost::asio::steady_timer> waiting_;
    bool prune_due_ = false;  ///< a set is complete at the remote, or prune() was called
    bool pruning_ = false;
    std::optional<Timestamp> works_since_;  ///< time of the last complete upload in this process

    std::chrono::steady_clock::time_point began_;  ///< start of the current upload
    std::string uploading_;
    Bytes size_;  ///< size of the current object
    Bytes done_;
    Bytes total_;
    /// Size of the objects that the queued sets still need at the remote, except the current
    /// upload.
    std::optional<Bytes> lacking_;
    Bytes behind_;  ///< part of lacking_ that the set of the last attempt does not need
    /// Progress of the current object; the only member that the pool's thread writes to.
    std::shared_ptr<std::atomic<std::uint64_t>> sent_;
};

}  // namespace mastobak::offsite
