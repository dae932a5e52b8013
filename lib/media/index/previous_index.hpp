// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "media/index/index.hpp"
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

/// The intermediate index of one pack, which TreeOptions::finished received.
struct CarriedLines {
    IndexFiles file;
    Timestamp trusted_until;  ///< for these lines; see TreeOptions
};

/// The packs of one pass in the order of their creation, so that their lines are in index order.
using CarriedPass = std::vector<CarriedLines>;

/// Writes the previous index for a run that continues from the packs of interrupted runs. It has
/// the entries of the files that those runs packed, and for all other paths the entries of the last
/// set.
///
/// Reads each input once; the memory grows only with the number of interrupted passes. Entries that
/// cannot be trusted are left out, so that all entries of the new index can be trusted.
/// \param base          the index of the last set; empty when there is no last set
/// \param trusted_until for the entries of the base; see TreeOptions
/// \param passes        oldest first; the newest entry of a path is used
/// \param out           the new index; must not exist yet
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
void resume_index(const IndexFiles& base, Timestamp trusted_until,
                  const std::vector<CarriedPass>& passes, const std::filesystem::path& out,
                  std::stop_token stop);

}  // namespace mastobak::media
