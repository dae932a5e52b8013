// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/index_warnings.hpp"

#include <fmt/format.h>

namespace mastobak::backup {

std::vector<std::string> index_warnings(const media::IndexWriter::Result& index) {
    std::vector<std::string> warnings;
    const auto has = [](std::uint64_t count) {
        return fmt::format("{} of the media {}", count, count == 1 ? "has" : "have");
    };
    if (const auto count = index.changed_times; count > 0)
        warnings.push_back(
            fmt::format("{} a modification time outside the years 1677 to 2262: the set has the "
                        "nearest possible time, ignoring",
                        has(count)));
    if (const auto count = index.long_paths; count > 0)
        warnings.push_back(
            fmt::format("{} a path of more than {} bytes: Linux may refuse to restore such a long "
                        "path, ignoring",
                        has(count), media::longest_path));
    if (const auto count = index.long_names; count > 0)
        warnings.push_back(
            fmt::format("{} a name of more than {} bytes: most file systems, ext4 and XFS among "
                        "them, refuse to restore it, ignoring",
                        has(count), media::longest_name));
    return warnings;
}

}  // namespace mastobak::backup
