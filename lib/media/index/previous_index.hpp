// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "media/index/index.hpp"
#include "media/index/index_files.hpp"
#include "media/index/index_reader.hpp"

namespace mastobak::media {

/// Reads the index of the last set alongside a walk: each call of find() is one step of a merge.
class PreviousIndex {
 public:
    /// \param file          empty when there is no previous index
    /// \param trusted_until entries with this ctime or a later one are ignored
    /// Throws Error{corrupt}.
    PreviousIndex(const IndexFiles& file, Timestamp trusted_until);

    /// Returns the entry of a path, valid until the next call; null when there is none. The paths
    /// of successive calls have to be in index order. Throws Error{corrupt}.
    const Entry* find(std::string_view path);

    /// Reads the index to its end, which also detects a truncated one. Throws Error{corrupt}.
    /// \return the number of regular files in the index
    std::uint64_t count_files();

 private:
    void advance();

    const Timestamp trusted_until_;
    std::optional<IndexReader> reader_;
    const Entry* entry_ = nullptr;  ///< the first entry that is not before the last path
    std::uint64_t files_ = 0;
};

}  // namespace mastobak::media
