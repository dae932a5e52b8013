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
#include "core/signify.hpp"
#include "core/unique_fd.hpp"
#include "store/manifest.hpp"

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
/// Throws Error{busy} when somebody else holds it.
UniqueFd lock(const Staging& staging);

/// A set in the making, in partial/SET; removed by the destructor unless published.
class NewSet {
 public:
    /// Throws Error{staging}, also when there is a set of that name already.
    NewSet(const Staging& staging, std::string name);
    ~NewSet();
    NewSet(const NewSet&) = delete;
    NewSet& operator=(const NewSet&) = delete;

    const std::string& name() const { return name_; }
    std::filesystem::path directory() const;       ///< partial/SET
    std::filesystem::path pack_directory() const;  ///< partial/SET-media
    /// A finished file in directory(); its size and digest as they were while it was written.
    void add(Artifact artifact);
    /// publish() writes SHA256SUMS.sig, and RESTORE.md says how to check it.
    void sign_with(signify::SecretKey key) { key_ = key; }

    /// Checks every artifact and new pack (size and digest, read back), writes RESTORE.md,
    /// manifest.json and SHA256SUMS, fsyncs, moves the new packs that the manifest names to media/
    /// and then the set to sets/ by one rename. New are those in pack_directory() and in
    /// unfinished/, of which what the manifest does not name is removed in the end; one that is
    /// away gets its record into away/ instead. All others have to be in media/ or in away/
    /// already. \return the manifest as published: with the artifacts filled in Throws
    /// Error{staging}, Error{corrupt}, Error{cancelled}; nothing is visible then.
    Manifest publish(Manifest manifest, std::stop_token stop);

 private:
    /// \return what has to be moved into sight
    std::vector<std::pair<std::filesystem::path, std::filesystem::path>> check_packs(
        const Manifest& manifest, const std::stop_token& stop) const;
    void check_unfinished(const PackReference& pack, const std::stop_token& stop) const;
    void remove_unfinished() const noexcept;
    void write_descriptions(Manifest& manifest) const;
    void remove_leftovers() noexcept;

    const Staging staging_;
    const std::string name_;
    std::vector<Artifact> artifacts_;
    std::optional<signify::SecretKey> key_;
};

/// What verification found.
struct VerifyReport {
    std::string set;
    std::vector<std::string> problems;  ///< empty: the set is good
    std::uint64_t files = 0;
    Bytes bytes;
    std::vector<std::string> away;  ///< packs that are off-site alone, and were not looked at
    std::string foreign;  ///< why it counts for nothing (signature.hpp), where that was looked at
};

/// Compares the members of the packs in a directory with the index entries that name them, and
/// returns what is wrong, one line each: media::verify_packs (a library beside this one).
using MemberCheck = std::function<std::vector<std::string>(
    const std::filesystem::path& index, const std::filesystem::path& packs,
    const std::set<std::string>& away, std::stop_token stop)>;

/// Reads a set again, all of its files and packs, and compares them with SHA256SUMS, the manifest
/// and the index. What is wrong is in the report. Packs that are away are not wrong.
/// \param members empty: packs are compared as files only
/// Throws Error{cancelled}.
VerifyReport verify(const Staging& staging, const std::string& set, const MemberCheck& members,
                    std::stop_token stop);

/// RESTORE.md of that set: the commands, with its own names and numbers in them.
/// \param key that signs the set; nothing: RESTORE.md does not mention a signature
std::string restore_instructions(const Manifest& manifest,
                                 const std::optional<signify::PublicKey>& key = {});

}  // namespace mastobak::store
