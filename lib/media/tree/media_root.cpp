// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/media_root.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "core/files/led.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;
namespace {

constexpr int most_root_looks = 10;
constexpr std::string_view unmounted_hint =
    "is its file system mounted, and is it the directory that Mastodon writes to?";

std::string name_of(uid_t uid) {
    const auto account = account_of(uid);
    return account ? fmt::format("'{}'", account->name) : std::to_string(uid);
}

}  // namespace

Error unusable_root(const fs::path& root, int error) {
    const auto name = readable(root.native());
    switch (error) {
        case ENOENT:
            return Error(Errc::media, fmt::format("the media directory '{}' does not exist", name),
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
                               error, "the disk cannot read it: see 'journalctl -k'");
        default:
            return errno_error(Errc::media, fmt::format("open the media directory '{}'", name),
                               error, std::string(unmounted_hint));
    }
}

UniqueFd open_root(const fs::path& root, const std::vector<uid_t>& owners) {
    const ReadAnything raised;
    // The last component, public/system, may itself be a symlink to the media directory.
    for (int look = 0; look < most_root_looks; ++look) {
        UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        struct stat status {};
        if (!fd || ::fstat(fd.get(), &status) != 0) throw unusable_root(root, errno);
        if (!owners.empty() && std::ranges::find(owners, status.st_uid) == owners.end())
            throw Error(
                Errc::media,
                fmt::format("the media directory '{}' belongs to user {}, not to Mastodon's user",
                            readable(root.native()), name_of(status.st_uid)),
                "PAPERCLIP_ROOT_PATH, a symlink or Mastodon's directory leads there; if it is "
                "right, name it with media.path");
        const auto leaders = leaders_to(fd.get(), fs::absolute(root));
        if (!leaders) continue;
        // This is checked for a configured path too: a directory of Mastodon's user on the way can
        // become a symlink to any directory at any moment.
        for (const auto uid : *leaders)
            if (uid != status.st_uid)
                throw Error(
                    Errc::media,
                    fmt::format("the media directory '{}' belongs to user {}, and a "
                                "symlink of user {} leads there",
                                readable(root.native()), name_of(status.st_uid), name_of(uid)),
                    "symlinks of root are followed: if this one is right, give it to root ('chown "
                    "-h root')");
        return fd;
    }
    throw Error(Errc::media,
                fmt::format("the media directory '{}' was replaced while it was opened",
                            readable(root.native())));
}

void check_apart(const fs::path& root, const fs::path& packs) {
    const ReadAnything raised;
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
        "the media had {} at the last backup and has {} now: if that is not intended, a part "
        "of it may be unmounted, ignoring",
        counted(previous, "file"), files);
}

}  // namespace mastobak::media
