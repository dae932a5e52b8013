// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"

namespace mastobak::media {

/// The index of the last set, read alongside a walk: one step of a merge for each question.
class PreviousIndex {
 public:
    /// \param file          empty: there is none
    /// \param trusted_until entries with a ctime of then or later are as if they were not there
    PreviousIndex(const std::filesystem::path& file, Timestamp trusted_until);

    /// The entry of a path, or null; valid until the next call. Paths have to come in the order of
    /// an index. Throws Error{corrupt}.
    const Entry* find(std::string_view path);

    /// Reads it to its end, so that one that is cut is noticed.
    /// \return how many regular files it has
    std::uint64_t count_files();

 private:
    void advance();

    const Timestamp trusted_until_;
    std::optional<IndexReader> reader_;
    const Entry* entry_ = nullptr;  ///< the first that is not before what was asked for
    std::uint64_t files_ = 0;
};

}  // namespace mastobak::media
