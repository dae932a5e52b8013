// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "media/index.hpp"

namespace mastobak::restore {

/// Who is to own what is restored, in place of whom the index names: on a new machine the account
/// of Mastodon has another number.
struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

/// Owner, permission bits and time of modification, as the index has them. Unprivileged restores
/// leave the owner alone. No file becomes set-user-ID or set-group-ID, no directory set-group-ID:
/// on a new machine the owner's number may be another user's, and a set may have been tampered
/// with. \param fd of the file or directory Throws as throw_target_error.
void set_attributes(int fd, const media::Entry& entry, const std::optional<Owner>& owner);

/// Extended attributes of users, and ACLs; others (security.capability, trusted.*) are left out.
void set_xattrs(int fd, const std::vector<std::pair<std::string, std::string>>& xattrs,
                const media::Entry& entry);

/// The same of a symlink: it has no permission bits.
void set_symlink_attributes(int directory, const std::string& name, const media::Entry& entry,
                            const std::optional<Owner>& owner);

}  // namespace mastobak::restore
