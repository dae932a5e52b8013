// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "offsite/worker.hpp"

namespace mastobak::offsite {

/// What is known to be at one remote.
struct RemoteHistory {
    std::optional<std::string> newest_set;  ///< that is there completely
    std::optional<Timestamp> completed_at;
    /// Packs that were compared there: the next nights only look whether they are still listed.
    std::map<std::string, Digest> packs;
};

/// The history of all remotes, in one file.
class History {
 public:
    explicit History(std::filesystem::path file);

    /// Why the file could not be read, or empty. A history that is lost costs another comparison
    /// of the packs.
    const std::string& problem() const { return problem_; }
    RemoteHistory& of(const std::string& remote) { return remotes_[remote]; }
    /// Throws Error{staging}.
    void save() const;

 private:
    std::filesystem::path file_;
    std::map<std::string, RemoteHistory> remotes_;
    std::string problem_;
};

}  // namespace mastobak::offsite
