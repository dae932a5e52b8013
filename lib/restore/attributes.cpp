// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

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

Owner owner_of(const media::Entry& entry, const std::optional<Owner>& owner) {
    return owner.value_or(Owner{entry.uid, entry.gid});
}

mode_t mode_of(const media::Entry& entry) {
    return entry.mode & (entry.type == media::EntryType::directory ? 01777 : 0777);
}

bool is_privileged() {
    static const bool root = ::geteuid() == 0;
    return root;
}

}  // namespace

void set_attributes(int fd, const media::Entry& entry, const std::optional<Owner>& owner) {
    const auto who = owner_of(entry, owner);
    if (is_privileged() && ::fchown(fd, who.user, who.group) < 0)
        throw_target_error("give to its owner", entry.path, errno);
    if (::fchmod(fd, mode_of(entry)) < 0) throw_target_error("set the mode of", entry.path, errno);
    if (::futimens(fd, times_of(entry).data()) < 0)
        throw_target_error("set the time of", entry.path, errno);
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
    const auto who = owner_of(entry, owner);
    if (is_privileged() &&
        ::fchownat(directory, name.c_str(), who.user, who.group, AT_SYMLINK_NOFOLLOW) < 0)
        throw_target_error("give to its owner", entry.path, errno);
    if (::utimensat(directory, name.c_str(), times_of(entry).data(), AT_SYMLINK_NOFOLLOW) < 0)
        throw_target_error("set the time of", entry.path, errno);
}

}  // namespace mastobak::restore
