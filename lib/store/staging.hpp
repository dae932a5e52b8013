// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {

/// The files of the index of a set's media.
struct StoredIndex {
    std::filesystem::path whole;    ///< the index, or its base if there are changes
    std::filesystem::path changes;  ///< the changes since the base; empty: there are none
    std::filesystem::path parts;    ///< the list of the parts of `whole`; empty in older sets
    Digest sha256{};  ///< identifies the index: the digest of `whole`, or of both digests
};

/// A staging directory: sets/, media/, database/, partial/. Copies of it at remotes have the same
/// layout.
class Staging {
 public:
    explicit Staging(std::filesystem::path root);

    /// Creates missing directories, 0700. Throws Error{staging}.
    void prepare() const;
    /// Removes what an interrupted run left: everything in partial/, incomplete packs in
    /// unfinished/, and packs in media/ and away/ and bases in database/ that no set refers to and
    /// whose own set was not published. Removes no pack and no base as long as the manifest of a set
    /// cannot be read, because that set may need it. Forgets the damage of sets that are gone. The
    /// caller has to hold lock(), because the function would remove the files of a run that is in
    /// progress.
    /// \return the removed files: "partial/x", "media/y"
    /// Throws Error{staging}.
    std::vector<std::string> clean() const;

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path sets() const { return root_ / "sets"; }
    std::filesystem::path media() const { return root_ / "media"; }
    std::filesystem::path database() const { return root_ / "database"; }
    std::filesystem::path partial() const { return root_ / "partial"; }
    std::filesystem::path unfinished() const { return root_ / "unfinished"; }  ///< pack_record.hpp
    std::filesystem::path away() const { return root_ / "away"; }              ///< pack_record.hpp
    /// Returns the path of a shared file, if it is here.
    std::filesystem::path shared(const std::string& name) const {
        return root_ / shared_path(name);
    }
    std::filesystem::path set(const std::string& name) const { return sets() / name; }
    /// Returns the files of the index of a set that is here.
    StoredIndex index(const Manifest& manifest) const;

    /// Returns the names of published sets, oldest first. Ignores anything else in sets/.
    std::vector<std::string> list() const;
    std::optional<std::string> latest() const;
    /// Returns whether there is a set of that name, or a pack of a run with that name. A later set
    /// may need such a pack, and the names of packs have to be unique. Throws Error{staging}.
    bool has_name(const std::string& set) const;
    /// Returns the manifest of a set. Throws Error{corrupt}.
    Manifest manifest(const std::string& set) const;

 private:
    std::filesystem::path root_;
};

/// Locks staging/.lock with flock(2) for a run, in any process. The kernel releases the lock when
/// the process ends.
/// Throws Error{busy} when another process holds the lock.
UniqueFd lock(const Staging& staging);

/// Tests in a directory the operations that publication needs from its file system, so that
/// Mastodon is not stopped for a set that cannot be published: private files, fsync, names of 100
/// bytes, renames of files and directories that do not replace anything. Removes all files that it
/// creates.
/// \param directory a directory that this process may write to
/// Throws Error{staging} that says what the file system does not support.
void check_file_system(const std::filesystem::path& directory);

}  // namespace mastobak::store
