// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "media/tree/file_status.hpp"

namespace mastobak::media {

/// The first name of each file with several names (hard links). A file is removed after its last
/// name, so that the table stays small. For one thread.
class LinkTable {
 public:
    struct First {
        std::string path;
        std::string pack;
        std::uint32_t names_left;
    };

    /// Returns the first name of this file; null when no name of it was added.
    const First* find(const FileStatus& status) {
        const auto known = files_.find(key(status));
        return known == files_.end() ? nullptr : &known->second;
    }
    void add_first(const FileStatus& status, std::string path, std::string pack) {
        files_.insert_or_assign(key(status),
                                First{std::move(path), std::move(pack), status.links - 1});
    }
    /// Counts a further name of the file. Removes the file after its last name.
    void count(const FileStatus& status) {
        const auto known = files_.find(key(status));
        if (known != files_.end() && --known->second.names_left == 0) files_.erase(known);
    }

 private:
    using Key = std::pair<std::uint64_t, std::uint64_t>;
    static Key key(const FileStatus& status) { return {status.device, status.inode}; }

    std::map<Key, First> files_;
};

}  // namespace mastobak::media
