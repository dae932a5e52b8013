// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mastodon/media_paths.hpp"

/// The SQL that lists rows which name files, directory by directory. Pure text.
namespace mastobak::mastodon {

/// The rows whose files are below one directory of the media root.
struct MediaRows {
    const Attachment* attachment = nullptr;
    bool in_cache = false;
    std::string directory;  ///< "cache/accounts/avatars"
};

/// All of them, sorted by directory as an index is (bytewise, component by component).
/// \param of_others also files of other servers; without it only this instance's own
std::vector<MediaRows> media_rows(bool of_others);

/// A query for these rows: id, file name, content type, size, `var`; what is not known is NULL.
///
/// Its order is that of directory_of(id) in an index. Rows whose file is still being processed are
/// left out: Mastodon is about to replace it.
/// \param table   as SQL takes it: "public.accounts"
/// \param columns that the table has in this database
/// \return nothing when it lacks a column without which the rows cannot be told apart
std::optional<std::string> rows_query(const MediaRows& rows, bool of_others,
                                      const std::string& table,
                                      const std::set<std::string>& columns);

}  // namespace mastobak::mastodon
