// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/unique_fd.hpp"

namespace mastobak::media {

/// Where a directory is that the kernel names by its handle.
struct Place {
    enum class Kind {
        inside,   ///< the tree, or its root
        outside,  ///< elsewhere on the file system
        gone,     ///< removed meanwhile
        unknown,  ///< not to be looked up
    };
    Kind kind = Kind::unknown;
    std::string path{};  ///< inside: relative to the root, empty for the root itself
    int error = 0;       ///< unknown: the errno
};

/// Turns handles of directories into paths of one tree. Needs CAP_DAC_READ_SEARCH.
class TreeHandles {
 public:
    explicit TreeHandles(UniqueFd root) : root_(std::move(root)) {}

    /// \param handle a struct file_handle. Remembered, until forget().
    Place find(std::string_view handle);
    /// Some directory was moved: what is remembered may be wrong.
    void forget() { known_.clear(); }

    int root() const { return root_.get(); }
    /// Where the root is now; empty if that cannot be told.
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
