// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Computes which columns of Mastodon's tables name which files below the media root, and the SQL
/// that lists the rows that name them. Pure functions.
/// Source: Mastodon's app/models (has_attached_file), config/initializers/paperclip.rb.
namespace mastobak::mastodon {

/// The server that a row's file belongs to.
enum class Owner {
    ours,        ///< always this instance
    others,      ///< always another server: Mastodon fetches the file again
    domain,      ///< this instance if the column `domain` is NULL
    remote_url,  ///< this instance if the column `remote_url` is empty
};

/// Which further styles Mastodon makes from an original.
enum class Styles { none, static_of_gif, static_always, small, site_upload };

/// A file column, which Paperclip calls an attachment. The attachment "file" has the columns
/// `file_file_name`, `file_content_type`, `file_file_size` and `file_storage_schema_version`.
struct Attachment {
    std::string_view table;      ///< "media_attachments"
    std::string_view name;       ///< "file"
    std::string_view directory;  ///< "media_attachments/files"
    Owner owner;
    Styles styles;
    /// Whether files of other servers can be below "cache/". They are if their
    /// storage_schema_version is 1 or more; NULL counts as 0.
    bool has_cache;
};

/// Returns all attachments of Mastodon's tables.
std::span<const Attachment> attachments();

/// The columns of a row that describe its file.
struct NamedOriginal {
    std::uint64_t id = 0;      ///< ID of the row
    std::string file_name;     ///< bytes, as in the database
    std::string content_type;  ///< "image/gif"; empty if NULL
    std::string var;           ///< only in site_uploads: "thumbnail"
    bool in_cache = false;
};

/// Returns the directory in which Paperclip stores a row's files, relative to the media root:
/// "media_attachments/files/000/000/001".
std::string directory_of(const Attachment& attachment, std::uint64_t id, bool in_cache);

/// Returns all files that a row names, relative to the media root; the original comes first. The
/// names come from the database: they may be hostile ("..") or from another version of Mastodon.
std::vector<std::string> files_of(const Attachment& attachment, const NamedOriginal& original);

/// Returns the path into which Paperclip splits an ID: "000/000/001" for 1. The ID is printed with
/// "%09d", or with "%012d" from 10^9 on, and split into groups of three digits; remaining digits at
/// the end are dropped.
std::string id_partition(std::uint64_t id);

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
