// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/media_root.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "core/error.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view unmounted_hint =
    "is its file system mounted, and is it the directory that Mastodon writes to?";

}  // namespace

Error unusable_root(const fs::path& root, int error) {
    const auto name = root.native();
    switch (error) {
        case ENOENT:
            return Error(Errc::media, fmt::format("the media directory '{}' is not there", name),
                         "is it mounted? media.path says where it is, media.elsewhere that it is "
                         "backed up by other means");
        case ENOTDIR:
            return Error(Errc::media, fmt::format("'{}' is not a directory", name),
                         "media.path names the directory that Mastodon writes its media to");
        case EACCES:
        case EPERM:
            return errno_error(
                Errc::media, fmt::format("read the media directory '{}'", name), error,
                "if it is on a FUSE mount (sshfs, s3fs, gcsfuse), mount it with '-o allow_other'; "
                "if it is on NFS, export it without root_squash; else mastobak needs "
                "CAP_DAC_READ_SEARCH, as its unit file gives it");
        case ENOTCONN:
        case ESTALE:
        case EHOSTDOWN:
        case ETIMEDOUT:
            return errno_error(
                Errc::media, fmt::format("read the media directory '{}'", name), error,
                fmt::format("its server or its mount program is gone: 'umount -l' and mount the "
                            "file system again, 'findmnt -T {}' shows which one",
                            name));
        case EIO:
        case EUCLEAN:
            return errno_error(Errc::media, fmt::format("read the media directory '{}'", name),
                               error, "the disk does not give it: 'journalctl -k'");
        default:
            return errno_error(Errc::media, fmt::format("open the media directory '{}'", name),
                               error, std::string(unmounted_hint));
    }
}

UniqueFd open_root(const fs::path& root) {
    // public/system itself may be a symlink to where the media is; nothing below it is followed.
    UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) return fd;
    throw unusable_root(root, errno);
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
