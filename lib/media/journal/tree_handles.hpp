// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/files/unique_fd.hpp"

namespace mastobak::media {

/// The place of a directory that an event identifies by its file handle.
struct Place {
    enum class Kind {
        inside,   ///< in the tree, or its root
        outside,  ///< elsewhere on the file system
        gone,     ///< the directory was removed meanwhile
        unknown,  ///< the lookup failed
    };
    Kind kind = Kind::unknown;
    std::string path{};  ///< inside: relative to the root, empty for the root itself
    int error = 0;       ///< unknown: the errno
};

/// Resolves file handles of directories to paths in one tree. Needs CAP_DAC_READ_SEARCH.
class TreeHandles {
 public:
    explicit TreeHandles(UniqueFd root) : root_(std::move(root)) {}

    /// Resolves a handle. Results are cached until forget().
    /// \param handle the bytes of a struct file_handle
    Place find(std::string_view handle);
    /// Clears the cache. Needed after a directory was moved, because cached paths may be wrong
    /// then.
    void forget() { known_.clear(); }

    int root() const { return root_.get(); }
    /// Returns the current path of the root; empty when the lookup fails.
    std::string root_path() const;

 private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    Place look_up(std::string_view handle) const;

    UniqueFd root_;
    std::unordered_map<std::string, Place, Hash, std::equal_to<>> known_;
};

}  // namespace mastobak::media
