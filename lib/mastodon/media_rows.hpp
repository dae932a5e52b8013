// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mastodon/media_paths.hpp"

/// Makes the SQL that lists rows which name files, directory by directory. Pure text.
namespace mastobak::mastodon {

/// The rows whose files are below one directory of the media root.
struct MediaRows {
    const Attachment* attachment = nullptr;
    bool in_cache = false;
    std::string directory;  ///< "cache/accounts/avatars"
};

/// Returns all directories with such rows, in the order of an index (component by component,
/// bytewise).
/// \param of_others include files of other servers; otherwise only files of this instance
std::vector<MediaRows> media_rows(bool of_others);

/// Returns a query for these rows: ID, file name, content type, size, `var`; a column that the
/// table does not have is NULL.
///
/// The order of the rows is the order of directory_of(id) in an index. The query leaves out rows
/// whose file is still being processed, because Mastodon is about to replace that file.
/// \param table   the table's name for SQL: "public.accounts"
/// \param columns the columns that the table has in this database
/// \return nullopt when a column is missing that is needed to select the rows
std::optional<std::string> rows_query(const MediaRows& rows, bool of_others,
                                      const std::string& table,
                                      const std::set<std::string>& columns);

}  // namespace mastobak::mastodon
