// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace mastobak::restore {

/// Where the files of an account of this instance may be: its avatar and header, and those of its
/// posts.
/// \param name without the "@"
using FindAccount = std::function<std::vector<std::string>(const std::string& name)>;

/// What a person means by the name of a file, as paths of a media tree that it may have:
/// - "110123456789012345": an attachment of a post, by its id
/// - "@user": all of an account of this instance
/// - "https://example.org/system/media_attachments/…": what a browser shows, or only its path
/// - everything else is a path, relative to the media root
/// Throws what `account` throws.
std::vector<std::string> media_meant_by(const std::string& name, const FindAccount& account);

/// Those of the paths that an index has, as files or as directories.
/// Throws Error{usage} when it has none of them, Error{corrupt}, Error{cancelled}.
/// \param name for messages
std::vector<std::string> media_that_is_there(const std::vector<std::string>& paths,
                                             const std::filesystem::path& index,
                                             const std::string& name, std::stop_token stop);

/// The paths below which the files of an account are, read out of a dump.
/// \param dump  database.dump.zst
/// \param major version of the pg_dump that made it, 15
/// Throws Error{usage} when it has no such account; Error{corrupt}, Error{environment} (no
/// pg_restore is installed), Error{cancelled}.
std::vector<std::string> media_of_account(const std::filesystem::path& dump, int major,
                                          const std::string& name, std::stop_token stop);

}  // namespace mastobak::restore
