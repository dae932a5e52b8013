// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/as_user.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::restore {

class LostAttributes;

/// A directory below which a restore writes. It cannot write elsewhere: the kernel resolves every
/// path beneath it and follows no symlink. Root works in another user's tree with that user's
/// rights alone (open_target): a caller of the functions below, or opens, makes or changes
/// something in a directory that they return, holds rights() meanwhile.
/// Source: openat2(2), RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS
class TargetTree {
 public:
    /// \param root made when it is missing, 0755
    /// Whose a root is that has to be made.
    enum class NewRoot { ours, of_owner };
    /// \param new_root of_owner: finish() is told the owner. One that is made is marked until then
    ///        by a file in it, so that a restore that goes on after an interruption still does it.
    /// Throws Error{environment}.
    TargetTree(std::filesystem::path root, NewRoot new_root);
    /// \param fd of the root, which is open already
    TargetTree(std::filesystem::path root, UniqueFd fd);

    const std::filesystem::path& root() const { return path_; }
    /// Whether there was nothing in it at the beginning: no file has to be looked for then.
    bool was_empty() const { return was_empty_; }
    WithRightsOf rights() const { return WithRightsOf(rights_); }

    /// A directory below the root, made with those above it when it is missing (0755).
    /// \param path relative; empty for the root itself
    /// Throws Error{media} when something else is in its place, Error{environment} when the disk
    /// does not take it. Any thread.
    UniqueFd directory(std::string_view path) const;
    /// The same, of one that is there already.
    /// \return nothing on failure, with errno
    UniqueFd existing_directory(std::string_view path) const;

    /// A root that this restore has made, or an earlier one that was interrupted, belongs to that
    /// user from now on. All that was written is on the disk when this returns.
    /// \param owner nothing: it stays whose it is
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

/// The directory part of a path ("a/b" of "a/b/c"; empty at the top), and its last component.
std::string_view parent_of(std::string_view path);
std::string_view name_of(std::string_view path);

/// The error for an errno that the target gave: Error{media} when something is in the way of this
/// one file, so that others can go on; Error{environment} for what all would meet with (a full
/// disk, a read-only file system).
/// \param doing what was tried: "make"
[[noreturn]] void throw_target_error(std::string_view doing, std::string_view path, int error);

}  // namespace mastobak::restore
