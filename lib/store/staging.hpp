// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/signify.hpp"
#include "core/unique_fd.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::store {

/// A staging directory: sets/, media/, partial/. Also what an off-site directory looks like.
class Staging {
 public:
    explicit Staging(std::filesystem::path root);

    /// Makes what is missing, 0700. Throws Error{staging}.
    void prepare() const;
    /// Removes what an interrupted run left: everything in partial/, what is not whole in
    /// unfinished/, and packs in media/ and away/ that no set refers to and that are named after a
    /// run that published no set. When the manifest of a set cannot be read, no pack is removed: it
    /// may be one that this set needs.
    /// Only for who holds the lock(): what another run is making would be gone.
    /// \return what was removed: "partial/x", "media/y"
    std::vector<std::string> clean() const;

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path sets() const { return root_ / "sets"; }
    std::filesystem::path media() const { return root_ / "media"; }
    std::filesystem::path partial() const { return root_ / "partial"; }
    std::filesystem::path unfinished() const { return root_ / "unfinished"; }  ///< pack_record.hpp
    std::filesystem::path away() const { return root_ / "away"; }              ///< the same
    std::filesystem::path set(const std::string& name) const { return sets() / name; }

    /// Names of published sets, oldest first. Anything else in sets/ is left alone.
    std::vector<std::string> list() const;
    std::optional<std::string> latest() const;
    /// Whether there is a set of that name, or a pack of a run that had it: a later set may need
    /// that, and two packs of one name are one too many. Throws Error{staging}.
    bool has_name(const std::string& set) const;
    /// Throws Error{corrupt}.
    Manifest manifest(const std::string& set) const;

 private:
    std::filesystem::path root_;
};

/// flock(2) on staging/.lock: held by the run that is going on, by whichever process; dies with it.
/// Throws Error{busy} when another process holds it.
UniqueFd lock(const Staging& staging);

}  // namespace mastobak::store
