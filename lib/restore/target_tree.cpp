// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/target_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/readable.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr mode_t new_directory = 0755;

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// The same one component after the other.
/// \param path without ".."
UniqueFd open_step_by_step(int root, std::string_view path) {
    UniqueFd at(::openat(root, ".", directory_flags));
    while (at && !path.empty()) {
        const std::string name(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(name.size() + 1, path.size()));
        if (name == "..") {
            errno = EXDEV;
            return {};
        }
        at.reset(::openat(at.get(), name.c_str(), directory_flags | O_NOFOLLOW));
    }
    return at;
}

UniqueFd open_beneath(int root, const char* path) {
    open_how how{};
    how.flags = directory_flags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    // glibc has no wrapper for it yet.
    const auto fd = static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
    // Not before Linux 5.6, nor in a unit with RestrictSUIDSGID=: its filter cannot look into
    // `how`.
    if (fd < 0 && errno == ENOSYS) return open_step_by_step(root, path);
    return UniqueFd(fd);
}

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
        case EPERM:  // an immutable file; an attribute that this file system does not take
        case ENOTSUP:
            throw errno_error(Errc::media, what, error);
        default:
            throw write_error(Errc::environment, readable(path), error);
    }
}

TargetTree::TargetTree(fs::path root) : path_(std::move(root)) {
    make_directories(path_, new_directory, Errc::environment);
    fd_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd_) throw errno_error(Errc::environment, fmt::format("open '{}'", path_.native()), errno);
    std::error_code error;
    was_empty_ = fs::directory_iterator(path_, error) == fs::directory_iterator() && !error;
}

UniqueFd TargetTree::existing_directory(std::string_view path) const {
    return open_beneath(fd_.get(), path.empty() ? "." : std::string(path).c_str());
}

UniqueFd TargetTree::directory(std::string_view path) const {
    if (auto there = existing_directory(path)) return there;
    if (errno != ENOENT || path.empty()) throw_target_error("open", path, errno);
    const auto above = directory(parent_of(path));
    const std::string name(name_of(path));
    // Another thread may have made it meanwhile.
    if (::mkdirat(above.get(), name.c_str(), new_directory) < 0 && errno != EEXIST)
        throw_target_error("make directory", path, errno);
    auto made = open_beneath(above.get(), name.c_str());
    if (!made) throw_target_error("open", path, errno);
    return made;
}

void TargetTree::sync() const {
    if (::syncfs(fd_.get()) < 0)
        throw errno_error(Errc::environment, fmt::format("write '{}'", path_.native()), errno);
}

}  // namespace mastobak::restore
