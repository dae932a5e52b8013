// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/attributes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "restore/tree/target_tree.hpp"

namespace mastobak::restore {

namespace {

/// Returns the times of access and of modification. File systems that use FUSE 2 ignore a call that
/// leaves one of them out, without an error (fuse.c, fuse_lib_setattr()).
std::array<timespec, 2> times_of(const media::Entry& entry) {
    using namespace std::chrono;
    const auto since = entry.mtime.time_since_epoch();
    const auto whole = floor<seconds>(since);
    const timespec time{static_cast<time_t>(whole.count()),
                        static_cast<long>(duration_cast<nanoseconds>(since - whole).count())};
    return {time, time};
}

std::pair<uid_t, gid_t> owner_of(const media::Entry& entry, const std::optional<Owner>& owner) {
    return owner ? owner->in_place_of(entry.uid, entry.gid) : std::pair{entry.uid, entry.gid};
}

mode_t mode_of(const media::Entry& entry) {
    return entry.mode & (entry.type == media::EntryType::directory ? 01777 : 0777);
}

/// Returns whether an error means that the file system does not support the attribute (vfat, an
/// export with root_squash, a mount without ACLs) or has no room for it in the inode.
bool is_refusal(int error) {
    return error == EPERM || error == EACCES || error == ENOTSUP || error == EINVAL ||
           error == ENOSYS || error == E2BIG || error == ERANGE;
}

/// Counts an attribute that the file system refuses, and throws other errors.
void failed(LostAttributes* lost, LostAttributes::Kind kind, std::string_view doing,
            const media::Entry& entry, int error) {
    // ENOSPC when the attributes do not fit into the inode, EIO on rclone's mount. If the disk
    // itself is full or damaged, the contents of the next file fail.
    const bool no_room = kind >= LostAttributes::Kind::xattrs && (error == ENOSPC || error == EIO);
    if (!lost || (!is_refusal(error) && !no_room)) throw_target_error(doing, entry.path, error);
    lost->count(kind);
}

}  // namespace

std::pair<uid_t, gid_t> Owner::in_place_of(uid_t of_user, gid_t of_group) const {
    if (!instead_of) return {user, group};
    return {of_user == instead_of->first ? user : of_user,
            of_group == instead_of->second ? group : of_group};
}

std::vector<std::string> LostAttributes::warnings() const {
    constexpr std::array<std::string_view, 5> what{"owner", "mode", "time of modification",
                                                   "extended attributes", "ACL"};
    const std::lock_guard lock(mutex_);
    std::vector<std::string> warnings;
    for (std::size_t kind = 0; kind < what.size(); ++kind)
        if (const auto count = counts_[kind]; count > 0)
            warnings.push_back(
                fmt::format("{} restored without {} {}: the file system of the target "
                            "refuses to set {}",
                            counted(count, "file was", "files were"), count == 1 ? "its" : "their",
                            what[kind], kind == 3 ? "them" : "it"));
    if (const auto count = counts_[static_cast<std::size_t>(Kind::symlink)]; count > 0)
        warnings.push_back(
            fmt::format("{} not restored: the file system of the target refuses symlinks",
                        counted(count, "symlink was", "symlinks were")));
    if (const auto count = counts_[static_cast<std::size_t>(Kind::link)]; count > 0)
        warnings.push_back(fmt::format(
            "{} became {}, with the same contents: the file system of the target "
            "refuses to link them",
            counted(count, "hard link"), count == 1 ? "a file of its own" : "files of their own"));
    return warnings;
}

bool LostAttributes::count_refused_link(Kind kind, int error) {
    // EIO: rclone's mount. EXDEV: the two names are in different file systems of the target.
    // EMLINK: the target allows fewer names for a file.
    const bool refused = error == EPERM || error == ENOTSUP || error == ENOSYS || error == EIO ||
                         (kind == Kind::link && (error == EXDEV || error == EMLINK));
    if (refused) count(kind);
    return refused;
}

void set_attributes(int fd, const media::Entry& entry, const std::optional<Owner>& owner,
                    LostAttributes* lost) {
    const auto [user, group] = owner_of(entry, owner);
    if (has_all_file_rights()) {
        if (::fchown(fd, user, group) < 0)
            failed(lost, LostAttributes::Kind::owner, "give to its owner", entry, errno);
    } else {
        // The group changes only if it is one of the process's own groups.
        static_cast<void>(::fchown(fd, static_cast<uid_t>(-1), group) < 0);
    }
    if (::fchmod(fd, mode_of(entry)) < 0)
        failed(lost, LostAttributes::Kind::mode, "set the mode of", entry, errno);
    if (::futimens(fd, times_of(entry).data()) < 0)
        failed(lost, LostAttributes::Kind::time, "set the time of", entry, errno);
}

void give_root(int fd, const std::pair<uid_t, gid_t>& owner, LostAttributes& lost) {
    if (::fchown(fd, owner.first, owner.second) == 0) return;
    media::Entry root;
    root.path = ".";
    failed(&lost, LostAttributes::Kind::owner, "give to its owner", root, errno);
}

bool is_ours(const struct stat& there, const media::Entry& entry,
             const std::optional<Owner>& owner) {
    if (!has_all_file_rights()) return there.st_uid == user_of_files();
    if (there.st_uid == owner_of(entry, owner).first) return true;
    return there.st_uid == 0 && (S_ISDIR(there.st_mode) || there.st_nlink == 1);
}

void set_xattrs(int fd, const std::vector<std::pair<std::string, std::string>>& xattrs,
                const media::Entry& entry, LostAttributes& lost) {
    bool has_lost_acl = false;
    bool has_lost_other = false;
    for (const auto& [name, value] : xattrs) {
        const bool is_acl = name.starts_with("system.posix_acl_");
        if (!name.starts_with("user.") && !is_acl) continue;
        if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) continue;
        // Counts a file once, however many of its attributes were refused.
        bool& known = is_acl ? has_lost_acl : has_lost_other;
        if (std::exchange(known, true)) continue;
        failed(&lost, is_acl ? LostAttributes::Kind::acl : LostAttributes::Kind::xattrs,
               "set an extended attribute of", entry, errno);
    }
}

void set_symlink_attributes(int directory, const std::string& name, const media::Entry& entry,
                            const std::optional<Owner>& owner, LostAttributes* lost) {
    const auto [user, group] = owner_of(entry, owner);
    if (has_all_file_rights() &&
        ::fchownat(directory, name.c_str(), user, group, AT_SYMLINK_NOFOLLOW) < 0)
        failed(lost, LostAttributes::Kind::owner, "give to its owner", entry, errno);
    if (::utimensat(directory, name.c_str(), times_of(entry).data(), AT_SYMLINK_NOFOLLOW) < 0)
        failed(lost, LostAttributes::Kind::time, "set the time of", entry, errno);
}

}  // namespace mastobak::restore
