// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "core/as_user.hpp"
#include "restore/target_tree.hpp"

namespace mastobak::restore {

namespace {

std::array<timespec, 2> times_of(const media::Entry& entry) {
    using namespace std::chrono;
    const auto since = entry.mtime.time_since_epoch();
    const auto whole = floor<seconds>(since);
    return {timespec{0, UTIME_OMIT},
            timespec{static_cast<time_t>(whole.count()),
                     static_cast<long>(duration_cast<nanoseconds>(since - whole).count())}};
}

std::pair<uid_t, gid_t> owner_of(const media::Entry& entry, const std::optional<Owner>& owner) {
    return owner ? owner->in_place_of(entry.uid, entry.gid) : std::pair{entry.uid, entry.gid};
}

mode_t mode_of(const media::Entry& entry) {
    return entry.mode & (entry.type == media::EntryType::directory ? 01777 : 0777);
}

}  // namespace

std::pair<uid_t, gid_t> Owner::in_place_of(uid_t of_user, gid_t of_group) const {
    if (!instead_of) return {user, group};
    return {of_user == instead_of->first ? user : of_user,
            of_group == instead_of->second ? group : of_group};
}

void set_attributes(int fd, const media::Entry& entry, const std::optional<Owner>& owner) {
    const auto [user, group] = owner_of(entry, owner);
    if (has_all_file_rights()) {
        if (::fchown(fd, user, group) < 0)
            throw_target_error("give to its owner", entry.path, errno);
    } else {
        // One of the user's own groups, or it stays as it is.
        static_cast<void>(::fchown(fd, static_cast<uid_t>(-1), group) < 0);
    }
    if (::fchmod(fd, mode_of(entry)) < 0) throw_target_error("set the mode of", entry.path, errno);
    if (::futimens(fd, times_of(entry).data()) < 0)
        throw_target_error("set the time of", entry.path, errno);
}

bool is_ours(const struct stat& there, const media::Entry& entry,
             const std::optional<Owner>& owner) {
    if (!has_all_file_rights()) return there.st_uid == user_of_files();
    if (there.st_uid == owner_of(entry, owner).first) return true;
    return there.st_uid == 0 && (S_ISDIR(there.st_mode) || there.st_nlink == 1);
}

void set_xattrs(int fd, const std::vector<std::pair<std::string, std::string>>& xattrs,
                const media::Entry& entry) {
    for (const auto& [name, value] : xattrs) {
        if (!name.starts_with("user.") && !name.starts_with("system.posix_acl_")) continue;
        if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) < 0)
            throw_target_error("set an extended attribute of", entry.path, errno);
    }
}

void set_symlink_attributes(int directory, const std::string& name, const media::Entry& entry,
                            const std::optional<Owner>& owner) {
    const auto [user, group] = owner_of(entry, owner);
    if (has_all_file_rights() &&
        ::fchownat(directory, name.c_str(), user, group, AT_SYMLINK_NOFOLLOW) < 0)
        throw_target_error("give to its owner", entry.path, errno);
    if (::utimensat(directory, name.c_str(), times_of(entry).data(), AT_SYMLINK_NOFOLLOW) < 0)
        throw_target_error("set the time of", entry.path, errno);
}

}  // namespace mastobak::restore
