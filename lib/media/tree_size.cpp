// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree_size.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/privilege.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

/// A member's header, and on average half a block behind its contents.
constexpr Bytes of_a_member{512 + 256};

}  // namespace

Bytes tree_size(const fs::path& root, const std::vector<std::string>& excluded,
                const std::stop_token& stop) {
    const ReadAnything raised;
    Bytes sum;
    // One after the other: what vanishes meanwhile must not end the walk, as it would a
    // recursive_directory_iterator's.
    std::vector<fs::path> directories{root};
    while (!directories.empty()) {
        const auto directory = std::move(directories.back());
        directories.pop_back();
        std::error_code error;
        fs::directory_iterator it(directory, error);
        for (; !error && it != fs::end(it); it.increment(error)) {
            if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
            std::error_code ignored;
            const auto type = it->symlink_status(ignored).type();
            if (type == fs::file_type::regular) {
                // It may be gone since: then its size is -1.
                const auto size = it->file_size(ignored);
                if (!ignored) sum += Bytes{size} + of_a_member;
            } else if (type == fs::file_type::directory &&
                       !(directory == root &&
                         std::ranges::find(excluded, it->path().filename().native()) !=
                             excluded.end())) {
                directories.push_back(it->path());
            }
        }
    }
    return sum;
}

}  // namespace mastobak::media
