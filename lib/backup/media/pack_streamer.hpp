// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "offsite/queue.hpp"
#include "offsite/remote.hpp"
#include "offsite/worker.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// Uploads unfinished packs to every remote while the run is in progress, and removes from staging
/// each pack that is verified at all remotes. A media tree that is larger than staging can thus be
/// backed up. Each remote has its own thread and does not wait for the others.
///
/// The record of a pack (store/pack_record.hpp) is updated before the pack is removed from staging.
/// If the run ends early, the next run finds there which packs are in staging and which are at the
/// remotes.
class PackStreamer {
 public:
    /// \param remotes at least one
    /// \param patience how long wait() tolerates that no remote accepts a pack
    PackStreamer(store::Staging staging, std::vector<std::unique_ptr<offsite::Remote>> remotes,
                 offsite::Backoff backoff, std::chrono::seconds patience);
    /// Stops the uploads and joins the threads.
    ~PackStreamer();

    /// Adds a pack of this run or an earlier one. The pack must be in unfinished/. Thread-safe.
    void add(store::PackRecord record);
    /// Starts to upload the packs added so far and later. No effect if already started.
    void begin();
    /// Stops the uploads and waits until their threads have ended. A partly uploaded pack does not
    /// become visible at the remote. begin() can start the uploads again.
    void end();

    /// Returns how many packs were removed from staging so far.
    std::uint64_t removed() const;
    /// Waits until more than `seen` packs have been removed from staging.
    /// \param say called about once a second with the reason for the wait
    /// \return false when no pack can be removed
    /// Throws Error{offsite} when no remote has accepted a pack for too long, Error{corrupt} when a
    /// pack is damaged in staging (it is dropped, and the next run makes it again),
    /// Error{cancelled}.
    bool wait(std::uint64_t seen, const std::function<void(std::string_view)>& say,
              std::stop_token stop);

    /// Returns the current problems, one line for each remote.
    std::vector<std::string> warnings() const;

 private:
    struct Target {
        std::unique_ptr<offsite::Remote> remote;
        std::string problem;  ///< error of the last attempt; empty when it succeeded
    };

    void work(Target& target, const std::stop_token& stop);
    std::optional<store::PackRecord> next_for(const std::string& remote,
                                              const std::stop_token& stop);
    void send(offsite::Remote& remote, const store::PackRecord& pack, const std::stop_token& stop);
    void arrived(const std::string& remote, const std::string& pack);
    void failed(Target& target, const store::PackRecord& pack, std::exception_ptr failure);
    std::string waiting_for() const;

    const store::Staging staging_;
    const offsite::Backoff backoff_;
    const std::chrono::seconds patience_;

    mutable std::mutex mutex_;  ///< guards the members below, except `threads_`
    std::condition_variable_any changed_;
    std::vector<Target> targets_;                     ///< constant, except `problem`
    std::map<std::string, store::PackRecord> packs_;  ///< packs in staging
    std::uint64_t removed_ = 0;
    std::chrono::steady_clock::time_point progress_at_;
    std::exception_ptr spoiled_;

    std::vector<std::jthread> threads_;
};

}  // namespace mastobak::backup
