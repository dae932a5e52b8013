// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/media_root.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "core/error.hpp"
#include "media/read_errors.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view unmounted_hint =
    "is its file system mounted, and is it the directory that Mastodon writes to?";

}  // namespace

UniqueFd open_root(const fs::path& root) {
    // public/system itself may be a symlink to where the media is; nothing below it is followed.
    UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) return fd;
    if (errno == EACCES || errno == EPERM) throw read_error(root.native(), errno);
    throw errno_error(Errc::media, fmt::format("open the media directory '{}'", root.native()),
                      errno, std::string(unmounted_hint));
}

void check_apart(const fs::path& root, const fs::path& packs) {
    const auto tree = fs::weakly_canonical(root);
    const auto staging = fs::weakly_canonical(packs);
    const auto [end, _] = std::mismatch(tree.begin(), tree.end(), staging.begin(), staging.end());
    if (end != tree.end()) return;
    throw Error(Errc::media,
                fmt::format("the media directory '{}' contains the staging directory '{}'",
                            root.native(), packs.native()),
                "set staging.path to a directory outside it");
}

void check_not_empty(const fs::path& root, std::uint64_t files) {
    if (files > 0) return;
    throw Error(Errc::media, fmt::format("the media directory '{}' has no files", root.native()),
                std::string(unmounted_hint));
}

std::optional<std::string> shrinkage(std::uint64_t files, std::uint64_t previous) {
    if (previous < 10 || files >= previous / 10) return std::nullopt;
    return fmt::format(
        "the media had {} files at the last backup and has {} now: if that is not intended, a part "
        "of it may be unmounted, ignoring",
        previous, files);
}

}  // namespace mastobak::media
