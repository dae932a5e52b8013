// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "media/index/index.hpp"
#include "store/formats/manifest.hpp"

/// Compares the media and the rows of several sets. All functions read the indexes as streams, in
/// constant memory for each.
namespace mastobak::restore {

/// A set in which files are searched.
struct SearchedSet {
    std::string name;
    media::IndexFiles index;
    /// Returns whether a path is one of those that are searched.
    std::function<bool(std::string_view path)> wanted;
};

/// A file, as long as its contents stayed the same.
struct FoundMedia {
    media::Entry entry;             ///< as in the first of the sets
    std::vector<std::size_t> sets;  ///< numbers of the sets that have it, in ascending order
};

/// Searches files in sets; directories are left out.
/// \param sets oldest first
/// \param on_found called for each file, and again for each change of its contents, in the order of
///        an index
/// Throws Error{corrupt}, Error{cancelled}, and the exceptions of `on_found`.
void find_in_sets(const std::vector<SearchedSet>& sets,
                  const std::function<void(const FoundMedia&)>& on_found, std::stop_token stop);

/// A number of files, and their size.
struct Amount {
    std::uint64_t files = 0;
    Bytes bytes;
};

/// How the media of a set differ from those of another one. Directories do not count, and neither
/// do owners, permissions and times.
struct MediaChanges {
    Amount added;
    Amount removed;
    Amount changed;        ///< with the size after the change
    Bytes changed_before;  ///< size of the changed files before the change
    Amount unchanged;
};

/// Compares two indexes.
/// \param on_change called for each file that differs, in the order of an index: `before` is null
///        for an added file, `after` for a removed one; may be empty
/// Throws Error{corrupt}, Error{cancelled}, and the exceptions of `on_change`.
MediaChanges compare_media(
    const media::IndexFiles& before, const media::IndexFiles& after,
    const std::function<void(const media::Entry* before, const media::Entry* after)>& on_change,
    std::stop_token stop);

/// The number of rows of a table in two sets.
struct TableChange {
    std::string table;                          ///< "public.accounts"
    std::optional<std::int64_t> before, after;  ///< nullopt: the set does not have the table
};

/// Returns the tables whose number of rows differs, in the order of their names. The digests of
/// rows have another key in each set, so rows that were only changed are not noticed.
std::vector<TableChange> compare_rows(const store::Manifest& before, const store::Manifest& after);

}  // namespace mastobak::restore
