// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/member_header.hpp"

#include <chrono>

#include "media/index/paths.hpp"

namespace mastobak::media {

archive::Header member_header(const Entry& entry, archive::Owners& owners) {
    using Type = archive::Header::Type;
    archive::Header header;
    header.type = entry.type == EntryType::symlink    ? Type::symlink
                  : entry.type == EntryType::hardlink ? Type::hardlink
                                                      : Type::file;
    header.path = member_name(entry.path);
    header.target = entry.target;
    header.mode = entry.mode;
    header.uid = entry.uid;
    header.gid = entry.gid;
    header.user = owners.user(entry.uid);
    header.group = owners.group(entry.gid);
    // Nanoseconds would need a pax header of 1 KiB for each file. The index has them too, and the
    // commands of RESTORE.md set them from it, except for symlinks.
    header.mtime = entry.type == EntryType::file
                       ? std::chrono::floor<std::chrono::seconds>(entry.mtime)
                       : entry.mtime;
    header.size = entry.size;
    return header;
}

}  // namespace mastobak::media
