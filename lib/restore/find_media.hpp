// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"
#include "media/index/index.hpp"

namespace mastobak::restore {

/// Returns the paths below which the files of a local account can be: its avatar and header, and
/// the attachments of its posts.
/// \param name name of the account, without the "@"
using FindAccount = std::function<std::vector<std::string>(const std::string& name)>;

/// Converts a person's name for a file into the paths in the media tree that it can mean:
/// - "110123456789012345": an attachment of a post, by its ID
/// - "@user": all files of a local account
/// - "https://example.org/system/media_attachments/…": the URL that a browser shows, or only the
///   path of that URL
/// - everything else is a path, relative to the media root
/// Throws the exceptions of `account`.
std::vector<std::string> media_meant_by(const std::string& name, const FindAccount& account);

/// Returns those of the paths that an index has, as files or as directories.
/// \param name text that the person typed, used in messages
/// Throws Error{usage} when the index has none of the paths, Error{corrupt}, Error{cancelled}.
std::vector<std::string> media_that_is_there(const std::vector<std::string>& paths,
                                             const media::IndexFiles& index,
                                             const std::string& name, std::stop_token stop);

/// Reads the paths below which the files of a local account can be from a dump.
/// \param dump  dump of a set
/// \param major major version of the pg_dump that made the dump, such as 15
/// Throws Error{usage} when the dump has no such account; Error{corrupt}, Error{environment} (no
/// pg_restore is installed), Error{cancelled}.
std::vector<std::string> media_of_account(const dumps::StoredDump& dump, int major,
                                          const std::string& name, std::stop_token stop);

}  // namespace mastobak::restore
