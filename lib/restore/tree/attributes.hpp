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

/// The owner that restored files get instead of the owner in the index, because Mastodon's account
/// has another number on a new machine.
struct Owner {
    uid_t user = 0;
    gid_t group = 0;
    /// Only this user and this group are replaced; other owners keep their numbers. When empty, all
    /// owners are replaced.
    std::optional<std::pair<uid_t, gid_t>> instead_of{};

    /// Returns the user and group that a file gets.
    /// \param of_user  owner in the index
    /// \param of_group group in the index
    std::pair<uid_t, gid_t> in_place_of(uid_t of_user, gid_t of_group) const;
};

/// Counts the attributes that the target's file system cannot store. Contents matter more, so a
/// file is restored without such an attribute. May be used from any thread.
class LostAttributes {
 public:
    enum class Kind { owner, mode, time, xattrs, acl, symlink, link };

    void count(Kind kind) {
        const std::lock_guard lock(mutex_);
        ++counts_[static_cast<std::size_t>(kind)];
    }
    /// Counts a link that the file system refuses to make, as vfat does.
    /// \return false when the error has another cause; then nothing is counted
    bool count_refused_link(Kind kind, int error);
    /// Returns one warning for each kind, with the number of files.
    std::vector<std::string> warnings() const;

 private:
    mutable std::mutex mutex_;
    std::array<std::uint64_t, 7> counts_{};
};

/// Sets owner, permission bits and time of modification as the index has them. Without root's
/// rights the owner stays, and the group changes only to one of the process's own groups. No file
/// becomes set-user-ID or set-group-ID, and no directory becomes set-group-ID: on a new machine the
/// owner's number may belong to another user, and a set may have been tampered with.
/// \param fd   descriptor of the file or directory
/// \param lost counts attributes that the file system refuses; null: a refusal throws
/// Throws the errors of throw_target_error().
void set_attributes(int fd, const media::Entry& entry, const std::optional<Owner>& owner,
                    LostAttributes* lost = nullptr);

/// Gives the root directory of the target to its owner.
/// Throws as throw_target_error does.
void give_root(int fd, const std::pair<uid_t, gid_t>& owner, LostAttributes& lost);

/// Returns whether an existing file or directory may be changed. Without root's rights, its owner
/// has to be this process's user. With root's rights, its owner has to be the wanted owner, or
/// root. A file of root may have only one name, because another user can create a hard link to it.
bool is_ours(const struct stat& there, const media::Entry& entry,
             const std::optional<Owner>& owner);

/// Sets the extended attributes of users, and ACLs. Ignores others (security.capability,
/// trusted.*).
void set_xattrs(int fd, const std::vector<std::pair<std::string, std::string>>& xattrs,
                const media::Entry& entry, LostAttributes& lost);

/// Sets owner and time of modification of a symlink, which has no permission bits.
/// \param lost counts attributes that the file system refuses; null: a refusal throws
/// Throws the errors of throw_target_error().
void set_symlink_attributes(int directory, const std::string& name, const media::Entry& entry,
                            const std::optional<Owner>& owner, LostAttributes* lost = nullptr);

}  // namespace mastobak::restore
