// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/index/paths.hpp"

namespace mastobak::media {

/// The changes that a change journal has read and no run has used yet, for the next reader.
struct JournalMemory {
    std::filesystem::path root;
    std::vector<std::string> excluded;
    Paths paths;
    Paths removed;  ///< directories
};

/// Returns the changes as bytes, not as UTF-8 text: paths may have any bytes.
std::string to_text(const JournalMemory& memory);
/// Reverses to_text(). Returns nullopt when to_text() did not write the text, or it is truncated.
std::optional<JournalMemory> parse_journal_memory(std::string_view text);

}  // namespace mastobak::media
