// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/tree_size.hpp"

#include <sys/stat.h>

#include "core/process/privilege.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

/// The bytes of a member besides its contents: its header and, on average, half a block of padding.
constexpr Bytes of_a_member{512 + 256};

}  // namespace

TreeSize tree_size(const fs::path& root, const std::vector<std::string>& excluded, Timestamp since,
                   const std::stop_token& stop) {
    const ReadAnything raised;
    TreeSize sum;
    Opener opener;
    Warnings ignored;
    Walk walk(opener, open_root(root), excluded, false, ignored, stop);
    while (const auto found = walk.next()) {
        const auto& status = found->status;
        if (!S_ISREG(status.mode)) continue;
        const auto size = Bytes{status.size} + of_a_member;
        ++sum.files;
        sum.packs += size;
        if (status.mtime > since) sum.recent += size;
    }
    return sum;
}

}  // namespace mastobak::media
