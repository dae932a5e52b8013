// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "core/files/files.hpp"
#include "postgres/contents/contents.hpp"

namespace mastobak::postgres {

/// The name of the file of a set that has the contents of its database. lib/store/FORMAT.md
/// specifies the format.
inline constexpr auto contents_name = "contents.zst";

/// Writes the contents into a new file and fsyncs it. Throws Error{staging}.
FileDigest write_contents(const std::filesystem::path& file, const Contents& contents);

/// Reads such a file. Throws Error{corrupt} when the file is damaged or has a later version of the
/// format; Error{cancelled}.
Contents read_contents(const std::filesystem::path& file, const std::stop_token& stop);

/// Parses the decompressed text of such a file. Throws as read_contents() does.
/// \param where name of the file, used in messages
Contents parse_contents(std::string_view text, const std::string& where,
                        const std::stop_token& stop);

}  // namespace mastobak::postgres
