// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Which columns of Mastodon's tables name which files below the media root. Pure.
/// Source: Mastodon's app/models (has_attached_file), config/initializers/paperclip.rb.
namespace mastobak::mastodon {

/// Whose file a row names.
enum class Owner {
    ours,        ///< always this instance's own
    others,      ///< always fetched from elsewhere: Mastodon fetches it again
    domain,      ///< ours if the column `domain` is NULL
    remote_url,  ///< ours if the column `remote_url` is empty
};

/// Which further styles Mastodon makes of an original.
enum class Styles { none, static_of_gif, static_always, small, site_upload };

/// A file column, as Paperclip calls it an attachment: "file" is in the columns `file_file_name`,
/// `file_content_type`, `file_file_size`, `file_storage_schema_version`.
struct Attachment {
    std::string_view table;      ///< "media_attachments"
    std::string_view name;       ///< "file"
    std::string_view directory;  ///< "media_attachments/files"
    Owner owner;
    Styles styles;
    /// Whether files of others are below "cache/": those whose storage_schema_version is 1 or
    /// more. NULL counts as 0, so a file of others need not be there.
    bool has_cache;
};

/// All of them.
std::span<const Attachment> attachments();

/// What a row says of its file.
struct NamedOriginal {
    std::uint64_t id = 0;      ///< of the row
    std::string file_name;     ///< bytes, as in the database
    std::string content_type;  ///< "image/gif"; empty if NULL
    std::string var;           ///< of site_uploads: "thumbnail"
    bool in_cache = false;
};

/// Where Paperclip puts a row's files: "media_attachments/files/000/000/001", relative to the media
/// root.
std::string directory_of(const Attachment& attachment, std::uint64_t id, bool in_cache);

/// All files that a row names, relative to the media root; the original first.
/// The names are the database's: they may be hostile ("..") or of another age of Mastodon.
std::vector<std::string> files_of(const Attachment& attachment, const NamedOriginal& original);

/// How Paperclip cuts an id into directories: "000/000/001" for 1. Threes of "%09d", of "%012d"
/// from 10^9 on; digits left over at the end are dropped.
std::string id_partition(std::uint64_t id);

}  // namespace mastobak::mastodon
