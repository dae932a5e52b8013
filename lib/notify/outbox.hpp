// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "notify/message.hpp"

namespace mastobak::notify {

/// A message on its way to a target.
struct Letter {
    std::uint64_t id = 0;
    std::string target;  ///< its name; the URL stays in the configuration
    Message message;
    Timestamp queued_at;
    int attempts = 0;
    std::optional<Timestamp> next_attempt{};  ///< nullopt: at once
};

/// The messages that are not sent yet, and what each target knows of this host's health. It is
/// bounded: 32 messages for each target, and none is older than a day. The messages for a target
/// are sent in order. Performs no I/O; read() and write() do.
class Outbox {
 public:
    /// Adds a message. Drops the oldest message for the target if there are too many.
    void add(const NotifyTarget& target, Message message, Timestamp now);

    /// Returns the first letter for a target, if its time has come.
    std::optional<Letter> due(const std::string& target, Timestamp now) const;
    /// Returns the earliest time at which a letter is due; nullopt when there is none.
    /// \param busy targets whose letters do not count
    std::optional<Timestamp> next(std::vector<std::string> busy = {}) const;

    /// Removes a letter that was sent.
    void sent(std::uint64_t id);
    /// Notes a failed attempt: the next one is after 10 s, then after twice the previous delay, up
    /// to 15 minutes. After a day, the letter is dropped.
    /// \return whether the letter was dropped
    bool failed(std::uint64_t id, Timestamp now);

    /// Forgets the targets that are not in the configuration any more.
    void keep(const std::vector<NotifyTarget>& targets);

    /// Returns what a target knows; the caller may change it.
    Told& told(const std::string& target) { return told_[target]; }
    const std::vector<Letter>& letters() const { return letters_; }

    /// Reads the file. A missing or damaged file is an empty outbox.
    static Outbox read(const std::filesystem::path& file);
    /// Replaces the file durably. Throws Error{staging}.
    void write(const std::filesystem::path& file) const;

 private:
    std::vector<Letter> letters_;  ///< in the order of their ids
    std::uint64_t next_id_ = 1;    ///< ids are not used again while a letter may be on its way
    std::map<std::string, Told> told_;
};

/// The path of the outbox in the state directory.
inline std::filesystem::path outbox_file(const std::filesystem::path& state_directory) {
    return state_directory / "notifications.json";
}

}  // namespace mastobak::notify
