// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"

namespace mastobak::offsite {

/// An upload of a set to a remote, and its state.
struct Job {
    std::string set;  ///< its name, "20261122T030000Z"
    std::string remote;
    Timestamp queued_at;
    int attempts = 0;
    std::optional<Timestamp> next_attempt;  ///< after a failure
    std::string last_error;
    std::optional<Timestamp> failed_at;  ///< time of the last error
};

/// The durable queue: one file for each job, `<state>/queue/SET@REMOTE.json`. It outlives the
/// daemon. Unreadable files are reported.
class Queue {
 public:
    explicit Queue(std::filesystem::path directory);
    /// Replaces the job of the same set and remote. Throws Error{staging}.
    void add(const Job& job);
    void remove(const Job& job);
    /// Returns the jobs, oldest set first. The job of a damaged file is returned as a new one,
    /// because the name of the file has the set and the remote.
    std::vector<Job> list() const;
    /// Returns one line for each file that is damaged or not a job. Such files are not removed.
    std::vector<std::string> problems() const;

 private:
    std::filesystem::path directory_;
};

/// The delays between the attempts of a failing upload.
struct Backoff {
    std::chrono::seconds first{30};
    std::chrono::seconds longest{3600};
    double factor = 2;
    /// Returns the delay before the next attempt.
    /// \param attempts number of failed attempts so far, at least 1
    std::chrono::seconds after(int attempts) const;
};

}  // namespace mastobak::offsite
