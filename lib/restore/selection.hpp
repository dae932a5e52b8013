// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mastobak::restore {

/// Which paths of a media tree are restored: all of them, or some with everything below them.
class Selection {
 public:
    /// \param paths relative to the media root; empty selects all. A slash at the end is ignored.
    /// Throws Error{usage} for a path that is absolute or has "..".
    explicit Selection(std::vector<std::string> paths = {});

    bool is_all() const { return paths_.empty(); }
    const std::vector<std::string>& paths() const { return paths_; }
    /// Returns whether a path is itself one of the selected paths.
    bool names(std::string_view path) const;
    /// Returns whether a path is selected, or is below a selected path.
    bool has(std::string_view path) const;

 private:
    std::vector<std::string> paths_;  ///< in the order of an index
};

}  // namespace mastobak::restore
