// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/file_status.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace mastobak::media {
namespace {

Timestamp time_of(const struct statx_timestamp& time) {
    return time_of_file(time.tv_sec, time.tv_nsec);
}

std::optional<FileStatus> status(int fd, const char* name, int flags) {
    struct statx s;
    if (::statx(fd, name, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &s) != 0) return std::nullopt;
    return FileStatus{.mode = s.stx_mode,
                      .uid = s.stx_uid,
                      .gid = s.stx_gid,
                      .size = s.stx_size,
                      .allocated = s.stx_blocks * 512,
                      .mtime = time_of(s.stx_mtime),
                      .ctime = time_of(s.stx_ctime),
                      .inode = s.stx_ino,
                      .device = (std::uint64_t{s.stx_dev_major} << 32) | s.stx_dev_minor,
                      .links = s.stx_nlink};
}

}  // namespace

std::optional<FileStatus> status_at(int directory, const char* name) {
    return status(directory, name, AT_SYMLINK_NOFOLLOW);
}

std::optional<FileStatus> status_of(int fd) {
    return status(fd, "", AT_EMPTY_PATH);
}

bool same_contents(const FileStatus& before, const FileStatus& after) {
    return before.size == after.size && before.mtime == after.mtime && before.ctime == after.ctime;
}

bool is_unchanged(const FileStatus& status, const Entry& entry) {
    const bool same_type =
        S_ISLNK(status.mode) ? entry.type == EntryType::symlink
                             : S_ISREG(status.mode) &&
                                   ((entry.type == EntryType::file && entry.size == status.size) ||
                                    entry.type == EntryType::hardlink);
    return same_type && entry.mtime == status.mtime && entry.ctime == status.ctime &&
           entry.inode == status.inode && entry.mode == (status.mode & 07777) &&
           entry.uid == status.uid && entry.gid == status.gid;
}

void copy_status(const FileStatus& status, Entry& entry) {
    entry.mode = status.mode & 07777;
    entry.uid = status.uid;
    entry.gid = status.gid;
    entry.mtime = status.mtime;
    entry.ctime = status.ctime;
    entry.inode = status.inode;
}

}  // namespace mastobak::media
