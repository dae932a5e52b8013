// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"

namespace mastobak::restore {

class LostAttributes;

/// A directory below which a restore writes. It cannot write elsewhere: the kernel resolves every
/// path beneath the directory and follows no symlink. Root works in another user's tree only with
/// that user's rights (see open_target). A caller has to hold rights() while it calls the functions
/// below, or opens, creates or changes something in a directory that they return.
/// Source: openat2(2), RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS
class TargetTree {
 public:
    /// Who owns a root that has to be created.
    enum class NewRoot { ours, of_owner };
    /// Opens the root, or creates it (0755) when it is missing.
    /// \param new_root of_owner: finish() receives the owner of a root that is created. Until then
    ///                 a file in the root marks it as new, so that a restore that continues after
    ///                 an interruption changes the owner, too
    /// Throws Error{environment}.
    TargetTree(std::filesystem::path root, NewRoot new_root);
    /// \param fd descriptor of the root
    TargetTree(std::filesystem::path root, UniqueFd fd);

    const std::filesystem::path& root() const { return path_; }
    /// Returns whether the root was empty at the beginning. If it was, a restore does not look for
    /// existing files.
    bool was_empty() const { return was_empty_; }
    WithRightsOf rights() const { return WithRightsOf(rights_); }

    /// Opens a directory below the root, and creates it and its parents (0755) when they are
    /// missing. Any thread.
    /// \param path relative; empty for the root itself
    /// Throws Error{media} when a file of another type is in its place, Error{environment} when the
    /// disk cannot be written.
    UniqueFd directory(std::string_view path) const;
    /// Opens a directory that already exists.
    /// \return an empty descriptor on failure, with errno set
    UniqueFd existing_directory(std::string_view path) const;

    /// Gives the root to its owner if this restore, or an earlier interrupted one, has created it,
    /// and syncs the file system, so that everything is on the disk.
    /// \param owner empty: the owner does not change
    /// \param lost  counts an owner that the file system refuses
    /// Throws Error{environment}.
    void finish(const std::optional<std::pair<uid_t, gid_t>>& owner, LostAttributes& lost) const;

 private:
    std::filesystem::path path_;
    UniqueFd fd_;
    FileRights rights_;
    bool was_empty_ = false;
    bool is_new_ = false;
};

/// Returns the directory part of a path: "a/b" for "a/b/c", empty for a path without a slash.
std::string_view parent_of(std::string_view path);
/// Returns the last component of a path.
std::string_view name_of(std::string_view path);

/// Throws the error for an errno that an operation in the target returned: Error{media} when the
/// cause concerns this file only, so that a restore continues with other files; Error{environment}
/// when it concerns all files (a full disk, a read-only file system).
/// \param doing what was tried: "make"
[[noreturn]] void throw_target_error(std::string_view doing, std::string_view path, int error);

}  // namespace mastobak::restore
