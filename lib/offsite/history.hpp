// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::offsite {

/// The sets and packs that are known to be at one remote.
struct RemoteHistory {
    std::optional<std::string> newest_set;  ///< the newest complete set
    std::optional<Timestamp> completed_at;
    std::optional<Bytes> free;  ///< what was free there after the last upload; nullopt: not known
    /// Packs that were compared with the copy at the remote. Later uploads only check that they are
    /// still listed.
    std::map<std::string, Digest> packs;
};

/// The history of all remotes, stored in one file.
class History {
 public:
    explicit History(std::filesystem::path file);

    /// Returns why the file could not be read; empty when it could. If the history is lost, the
    /// packs are compared again.
    const std::string& problem() const { return problem_; }
    RemoteHistory& of(const std::string& remote) { return remotes_[remote]; }
    /// Throws Error{staging}.
    void save() const;

 private:
    std::filesystem::path file_;
    std::map<std::string, RemoteHistory> remotes_;
    std::string problem_;
};

inline std::filesystem::path queue_directory(const std::filesystem::path& state_directory) {
    return state_directory / "queue";
}

inline std::filesystem::path history_file(const std::filesystem::path& state_directory) {
    return state_directory / "offsite-history.json";
}

/// The directory for the temporary files of remotes.
inline std::filesystem::path scratch_directory(const std::filesystem::path& state_directory) {
    return state_directory / "offsite";
}

}  // namespace mastobak::offsite
