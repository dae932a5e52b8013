// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mastobak::restore {

/// Which paths of a media tree are restored: all, or some with what is below them.
class Selection {
 public:
    /// \param paths relative to the media root; none for all. A slash at the end is left out.
    /// Throws Error{usage} for one that is absolute or has "..".
    explicit Selection(std::vector<std::string> paths = {});

    bool is_all() const { return paths_.empty(); }
    const std::vector<std::string>& paths() const { return paths_; }
    /// Whether a path is one of them.
    bool names(std::string_view path) const;
    /// Whether a path is one of them, or below one of them.
    bool has(std::string_view path) const;

 private:
    std::vector<std::string> paths_;  ///< sorted as an index is
};

}  // namespace mastobak::restore
