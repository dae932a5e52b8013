// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/tree_size.hpp"

#include <sys/stat.h>

#include "core/privilege.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

/// The bytes of a member besides its contents: its header and, on average, half a block of padding.
constexpr Bytes of_a_member{512 + 256};

}  // namespace

Bytes tree_size(const fs::path& root, const std::vector<std::string>& excluded,
                const std::stop_token& stop) {
    const ReadAnything raised;
    Bytes sum;
    Opener opener;
    Warnings ignored;
    Walk walk(opener, open_root(root), excluded, false, ignored, stop);
    while (const auto found = walk.next())
        if (S_ISREG(found->status.mode)) sum += Bytes{found->status.size} + of_a_member;
    return sum;
}

}  // namespace mastobak::media
