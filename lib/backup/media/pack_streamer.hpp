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

#include "offsite/backoff.hpp"
#include "offsite/remote.hpp"
#include "offsite/worker.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// Sends unfinished packs off-site while the run is in progress, each to every remote, and removes here
/// what is verified at all of them: so a tree larger than staging goes through it. One thread for
/// each remote; none waits for another.
///
/// Where a pack is by now is in its record (store/pack_record.hpp) before it is removed: a run that
/// ends early leaves to the next one what is here and what is there.
class PackStreamer {
 public:
    /// \param remotes at least one
    /// \param patience how long wait() bears that no remote takes anything
    PackStreamer(store::Staging staging, std::vector<std::unique_ptr<offsite::Remote>> remotes,
                 offsite::Backoff backoff, std::chrono::seconds patience);
    /// Ends it.
    ~PackStreamer();

    /// A pack of this run, or of one before it, that is in unfinished/. From any thread.
    void add(store::PackRecord record);
    /// Sends what there is, and what is added from now on. No effect if it does so already.
    void begin();
    /// Stops sending: what was under way is not there then.
    void end();

    /// How many packs were removed here so far.
    std::uint64_t removed() const;
    /// Waits until more than that have been.
    /// \param say is told what it waits for, about once a second
    /// \return false: there is none that could be
    /// Throws Error{offsite} when no remote has taken anything for too long, Error{corrupt} when a
    /// pack is not what was written (it is dropped, so the next run makes it again),
    /// Error{cancelled}.
    bool wait(std::uint64_t seen, const std::function<void(std::string_view)>& say,
              std::stop_token stop);

    /// What went wrong and is not over, one line for each remote.
    std::vector<std::string> warnings() const;

 private:
    struct Target {
        std::unique_ptr<offsite::Remote> remote;
        std::string problem;  ///< of the last attempt; empty: it went well
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

    mutable std::mutex mutex_;  ///< of all below but the threads
    std::condition_variable_any changed_;
    std::vector<Target> targets_;                     ///< constant but for `problem`
    std::map<std::string, store::PackRecord> packs_;  ///< that are here
    std::uint64_t removed_ = 0;
    std::chrono::steady_clock::time_point progress_at_;
    std::exception_ptr spoiled_;

    std::vector<std::jthread> threads_;
};

}  // namespace mastobak::backup
