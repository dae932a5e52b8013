// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/index/path_order.hpp"

namespace mastobak::media {

/// What a change journal has read and has not been used yet, for its next reader.
struct JournalMemory {
    std::filesystem::path root;
    std::vector<std::string> excluded;
    Paths paths;
    Paths removed;  ///< directories
};

/// As bytes; paths may be any bytes.
std::string to_text(const JournalMemory& memory);
/// Nothing for what to_text() has not written, or not to its end.
std::optional<JournalMemory> parse_journal_memory(std::string_view text);

}  // namespace mastobak::media
