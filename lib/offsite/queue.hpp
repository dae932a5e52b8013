// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"

namespace mastobak::offsite {

/// A set that has to go to a remote, and how far that is.
struct Job {
    std::string set;  ///< its name, "20261122T030000Z"
    std::string remote;
    Timestamp queued_at;
    int attempts = 0;
    std::optional<Timestamp> next_attempt;  ///< after a failure
    std::string last_error;
    std::optional<Timestamp> failed_at;  ///< when that was
};

/// The durable queue: one small file a job in `<state>/queue/`, called SET@REMOTE.json. Survives
/// the daemon, and anything in it that cannot be read is reported, not silently dropped.
class Queue {
 public:
    explicit Queue(std::filesystem::path directory);
    /// Replaces the job of the same set and remote. Throws Error{staging}.
    void add(const Job& job);
    void remove(const Job& job);
    /// Oldest set first. A damaged file's job is there as if it were new: its name says enough.
    std::vector<Job> list() const;
    /// One line for each file that is damaged or no job at all; it stays where it is.
    std::vector<std::string> problems() const;

 private:
    std::filesystem::path directory_;
};

}  // namespace mastobak::offsite
