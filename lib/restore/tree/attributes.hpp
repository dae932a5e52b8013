// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "media/index/index.hpp"

namespace mastobak::restore {

/// Who is to own what is restored, in place of whom the index names: on a new machine the account
/// of Mastodon has another number.
struct Owner {
    uid_t user = 0;
    gid_t group = 0;
    /// Only in place of this user and this group; what belongs to others keeps its numbers.
    /// Nothing: in place of all.
    std::optional<std::pair<uid_t, gid_t>> instead_of{};

    /// \param whom the index names
    std::pair<uid_t, gid_t> in_place_of(uid_t of_user, gid_t of_group) const;
};

/// Counts the attributes that the target's file system cannot have: contents matter more, so a file
/// without them is restored all the same. Any thread.
class LostAttributes {
 public:
    enum class Kind { owner, mode, time, xattrs, acl, symlink, link };

    void count(Kind kind) {
        const std::lock_guard lock(mutex_);
        ++counts_[static_cast<std::size_t>(kind)];
    }
    /// Counts a link that the file system refuses to make, as vfat does.
    /// Returns false where the error says something else.
    bool count_refused_link(Kind kind, int error);
    /// One line for each kind, with the number of files and directories.
    std::vector<std::string> warnings() const;

 private:
    mutable std::mutex mutex_;
    std::array<std::uint64_t, 7> counts_{};
};

/// Owner, permission bits and time of modification, as the index has them. Without root's rights
/// the owner stays, and the group where it is not one of ours. No file becomes set-user-ID or
/// set-group-ID, no directory set-group-ID: on a new machine the owner's number may be another
/// user's, and a set may have been tampered with.
/// \param fd   of the file or directory
/// \param lost counts what the file system refuses; null: that is thrown, too
/// Throws as throw_target_error.
void set_attributes(int fd, const media::Entry& entry, const std::optional<Owner>& owner,
                    LostAttributes* lost = nullptr);

/// Gives the directory that all is in to its owner.
/// Throws as throw_target_error.
void give_root(int fd, const std::pair<uid_t, gid_t>& owner, LostAttributes& lost);

/// Whether a file or directory that was there is ours to change: a user's own; for root one of
/// root's, or one that belongs already to the owner who is wanted. A name of root's file that
/// another user has made is not.
bool is_ours(const struct stat& there, const media::Entry& entry,
             const std::optional<Owner>& owner);

/// Extended attributes of users, and ACLs; others (security.capability, trusted.*) are left out.
void set_xattrs(int fd, const std::vector<std::pair<std::string, std::string>>& xattrs,
                const media::Entry& entry, LostAttributes& lost);

/// The same of a symlink: it has no permission bits.
void set_symlink_attributes(int directory, const std::string& name, const media::Entry& entry,
                            const std::optional<Owner>& owner, LostAttributes* lost = nullptr);

}  // namespace mastobak::restore
