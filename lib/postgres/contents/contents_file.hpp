// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "postgres/contents/contents.hpp"

namespace mastobak::postgres {

/// The file of a set that says what is in its database. lib/store/FORMAT.md has the format.
inline constexpr auto contents_name = "contents.zst";

struct ContentsFile {
    Bytes size{};
    Digest sha256{};
};

/// Writes them into a new file, fsynced. Throws Error{staging}.
ContentsFile write_contents(const std::filesystem::path& file, const Contents& contents);

/// Throws Error{corrupt} for what is not such a file, also for one of a later version;
/// Error{cancelled}.
Contents read_contents(const std::filesystem::path& file, const std::stop_token& stop);

/// The lines of such a file. \param where for messages
Contents parse_contents(std::string_view text, const std::string& where,
                        const std::stop_token& stop);

}  // namespace mastobak::postgres
