// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/unique_fd.hpp"
#include "store/manifest.hpp"

namespace mastobak::store {

/// A staging directory: sets/, media/, partial/. Also what an off-site directory looks like.
class Staging {
   public:
    explicit Staging(std::filesystem::path root);

    /// Makes what is missing, 0700. Throws Error{staging}.
    void prepare() const;
    /// Removes what an interrupted run left: everything in partial/, and packs in media/ that no
    /// set refers to and that are named after a run that published no set.
    /// \return what was removed
    std::vector<std::string> clean() const;

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path sets() const { return root_ / "sets"; }
    std::filesystem::path media() const { return root_ / "media"; }
    std::filesystem::path partial() const { return root_ / "partial"; }
    std::filesystem::path set(const std::string& name) const { return sets() / name; }

    /// Names of published sets, oldest first. Anything else in sets/ is left alone.
    std::vector<std::string> list() const;
    std::optional<std::string> latest() const;
    /// Throws Error{corrupt}.
    Manifest manifest(const std::string& set) const;

   private:
    std::filesystem::path root_;
};

/// flock(2) on staging/.lock: held by the run that is going on, by whichever process; dies with it.
/// Throws Error{busy} when somebody else holds it.
UniqueFd lock(const Staging& staging);

/// A set in the making, in partial/SET; removed by the destructor unless published.
class NewSet {
   public:
    NewSet(const Staging& staging, std::string name);
    ~NewSet();
    NewSet(const NewSet&) = delete;
    NewSet& operator=(const NewSet&) = delete;

    const std::string& name() const { return name_; }
    std::filesystem::path directory() const;           ///< partial/SET
    std::filesystem::path pack_directory() const;      ///< partial/SET-media
    void add(Artifact artifact);

    /// Checks every artifact and new pack (size and digest, read back), writes RESTORE.md,
    /// manifest.json and SHA256SUMS, fsyncs, moves the new packs to media/ and then the set to
    /// sets/ by one rename. Fills in manifest.artifacts.
    /// Throws Error{staging}, Error{corrupt}; nothing is visible then.
    void publish(Manifest manifest, std::stop_token stop);

   private:
    const Staging& staging_;
    std::string name_;
    std::vector<Artifact> artifacts_;
    bool published_ = false;
};

/// What verification found.
struct VerifyReport {
    std::string set;
    std::vector<std::string> problems;  ///< empty: the set is good
    std::uint64_t files = 0;
    Bytes bytes;
};

/// Reads a set again, all of its packs' members that it uses included, and compares.
VerifyReport verify(const Staging& staging, const std::string& set, std::stop_token stop);

/// RESTORE.md of that set: the commands, with its own names and numbers in them.
std::string restore_instructions(const Manifest& manifest);

}  // namespace mastobak::store
