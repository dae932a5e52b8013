// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <utility>

namespace mastobak::media {

/// The files that an index is read from. Most nights change few lines of the index, so a set can
/// have an older index, its base, and the changes since then: see index_changes.hpp.
struct IndexFiles {
    std::filesystem::path whole;      ///< the index, or its base if there are changes
    std::filesystem::path changes{};  ///< empty: `whole` is the index

    IndexFiles() = default;
    /// A path of a whole index can be passed where an index is wanted.
    IndexFiles(std::filesystem::path file) : whole(std::move(file)) {}  // NOLINT(*-explicit-*)
    IndexFiles(std::filesystem::path base, std::filesystem::path changes_file)
        : whole(std::move(base)), changes(std::move(changes_file)) {}

    bool empty() const { return whole.empty(); }
    bool operator==(const IndexFiles&) const = default;
};

}  // namespace mastobak::media
