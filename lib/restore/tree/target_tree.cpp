// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/target_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/text.hpp"
#include "restore/tree/attributes.hpp"
#include "restore/tree/open_target.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr mode_t new_directory = 0755;

/// A file in a root that this program has created, until the restore is complete. A restore that
/// continues after an interruption finds it.
constexpr auto mark_of_new = ".mastobak-new";

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

}  // namespace

std::string_view parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

void throw_target_error(std::string_view doing, std::string_view path, int error) {
    const auto what = fmt::format("{} '{}'", doing, readable(path));
    switch (error) {
        case ENOTDIR:
        case ELOOP:
            throw Error(Errc::media,
                        fmt::format("{}: a file or symlink is in the place of a directory", what));
        case EISDIR:
        case ENOTEMPTY:
            throw Error(Errc::media, fmt::format("{}: a directory is in its place", what));
        case EEXIST:
        case ENOENT:
        case ENAMETOOLONG:
        case EXDEV:
        case EINVAL:
        case EILSEQ:
        case EPERM:   // an immutable file; an attribute that this file system does not support
        case EACCES:  // another user's directory in the tree
        case ENOTSUP:
            throw errno_error(Errc::media, what, error);
        default:
            throw write_error(Errc::environment, readable(path), error);
    }
}

TargetTree::TargetTree(fs::path root, NewRoot new_root) : path_(std::move(root)) {
    auto opened = open_target(path_, IfMissing::make);
    fd_ = std::move(opened.fd);
    // Checked once, because otherwise every file would fail. Root, too, cannot write to a read-only
    // file system.
    if (::faccessat(fd_.get(), ".", W_OK | X_OK, AT_EACCESS) != 0)
        throw write_error(Errc::environment, readable(path_.native()), errno);
    if (opened.rights) rights_ = std::move(*opened.rights);
    std::error_code error;
    const auto entries = fmt::format("/proc/self/fd/{}", fd_.get());
    was_empty_ = fs::directory_iterator(entries, error) == fs::directory_iterator() && !error;
    if (new_root == NewRoot::ours || !has_all_file_rights() || rights_.user != 0) return;
    struct stat status {};
    is_new_ = opened.made || ::fstatat(fd_.get(), mark_of_new, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (!is_new_) return;
    const UniqueFd mark(
        ::openat(fd_.get(), mark_of_new, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!mark) throw write_error(Errc::environment, readable(path_.native()), errno);
}

TargetTree::TargetTree(fs::path root, UniqueFd fd) : path_(std::move(root)), fd_(std::move(fd)) {}

UniqueFd TargetTree::existing_directory(std::string_view path) const {
    return open_beneath(fd_.get(), path.empty() ? "." : std::string(path), directory_flags);
}

UniqueFd TargetTree::directory(std::string_view path) const {
    if (auto there = existing_directory(path)) return there;
    if (errno != ENOENT || path.empty()) throw_target_error("open", path, errno);
    const auto above = directory(parent_of(path));
    const std::string name(name_of(path));
    // Another thread may have created it in the meantime.
    if (::mkdirat(above.get(), name.c_str(), new_directory) < 0 && errno != EEXIST)
        throw_target_error("make directory", path, errno);
    auto made = open_beneath(above.get(), name, directory_flags);
    if (!made) throw_target_error("open", path, errno);
    return made;
}

void TargetTree::finish(const std::optional<std::pair<uid_t, gid_t>>& owner,
                        LostAttributes& lost) const {
    if (is_new_) {
        ::unlinkat(fd_.get(), mark_of_new, 0);
        if (owner) give_root(fd_.get(), *owner, lost);
    }
    if (::syncfs(fd_.get()) < 0)
        throw errno_error(Errc::environment, fmt::format("write '{}'", path_.native()), errno);
}

}  // namespace mastobak::restore
