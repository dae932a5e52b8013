// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::media {

enum class EntryType : char { file = 'f', directory = 'd', symlink = 'l', hardlink = 'h' };

/// One line of an index: a file of the tree and where its bytes are. lib/store/FORMAT.md has the
/// format.
struct Entry {
    EntryType type = EntryType::file;
    std::string path;        ///< bytes, relative to the media root, without "./"
    std::uint32_t mode = 0;  ///< permission bits, 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;  ///< of the file's contents; 0 for the others
    Timestamp mtime;
    Timestamp ctime;
    std::uint64_t inode = 0;
    std::string pack;              ///< file name of the pack, "20261122T030000Z-0001.tar"; files,
                                   ///< symlinks and hard links have one
    std::uint64_t offset = 0;      ///< where its member begins in the pack
    std::uint64_t stored = 0;      ///< bytes of the member, headers and padding included
    std::optional<Digest> sha256;  ///< of the contents; files only
    bool copy = false;             ///< a file whose member has the header of another one
    std::string target;            ///< of a symlink; of a hard link: the path in this tree; of a
                                   ///< directory: what encode_xattrs() made of its attributes

    bool operator==(const Entry&) const = default;
};

/// The longest path in an index, in bytes. Linux takes 4096 in one call (PATH_MAX), with the
/// directory that it is restored to.
inline constexpr std::size_t longest_path = 3840;
/// The longest name in it, in bytes: NAME_MAX, which Debian's usual file systems have. A few (vfat,
/// CIFS, FUSE) have longer ones.
inline constexpr std::size_t longest_name = 255;

}  // namespace mastobak::media
