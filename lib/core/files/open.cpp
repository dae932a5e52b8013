// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/open.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "core/files/files.hpp"
#include "core/text.hpp"

namespace mastobak {
namespace fs = std::filesystem;

namespace {

/// Does the same as open_resolved(), one component after the other.
UniqueFd open_step_by_step(int root, std::string_view path, int flags) {
    constexpr int directory_flags = O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    UniqueFd at(::openat(root, path.starts_with('/') ? "/" : ".", directory_flags));
    while (at) {
        path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
        const std::string name(path.substr(0, path.find('/')));
        path.remove_prefix(name.size());
        if (name == "..") {
            errno = EXDEV;
            return {};
        }
        if (path.find_first_not_of('/') == path.npos)
            return UniqueFd(::openat(at.get(), name.empty() ? "." : name.c_str(), flags));
        at.reset(::openat(at.get(), name.c_str(), directory_flags));
    }
    return at;
}

UniqueFd open_resolved(int root, const std::string& path, int flags, std::uint64_t resolve) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = resolve;
    // glibc has no wrapper for this system call yet.
    const auto fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
    // ENOSYS before Linux 5.6, and in a unit with RestrictSUIDSGID=, whose filter cannot read
    // `how`.
    if (fd < 0 && errno == ENOSYS) return open_step_by_step(root, path, flags);
    return UniqueFd(fd);
}

std::string_view kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFDIR:
            return "a directory";
        case S_IFIFO:
            return "a FIFO";
        case S_IFSOCK:
            return "a socket";
        case S_IFCHR:
        case S_IFBLK:
            return "a device";
        default:
            return "something else";
    }
}

}  // namespace

UniqueFd open_beneath(int root, const std::string& path, int flags) {
    return open_resolved(root, path, flags | O_CLOEXEC | O_NOFOLLOW,
                         RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

namespace {

constexpr int regular_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// Checks the result of open(2).
/// \param fd the descriptor; empty on failure, with errno
UniqueFd only_regular(UniqueFd fd, const fs::path& path, Symlinks links, Errc code) {
    const auto name = readable(path.native());
    if (!fd && errno == ELOOP && links == Symlinks::refuse)
        throw Error(code, fmt::format("cannot open '{}': there is a symlink in its path", name));
    // ENXIO: it is a socket, or a FIFO without a reader.
    if (!fd && errno == ENXIO) throw Error(code, fmt::format("'{}' is not a regular file", name));
    if (!fd) throw errno_error(code, fmt::format("open '{}'", name), errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0)
        throw errno_error(code, fmt::format("look at '{}'", name), errno);
    if (!S_ISREG(status.st_mode))
        throw Error(code,
                    fmt::format("'{}' is {}, not a regular file", name, kind_of(status.st_mode)));
    if (::fcntl(fd.get(), F_SETFL, 0) != 0)
        throw errno_error(code, fmt::format("open '{}'", name), errno);
    return fd;
}

}  // namespace

UniqueFd open_regular(const fs::path& path, Symlinks links, Errc code) {
    auto fd = links == Symlinks::follow
                  ? UniqueFd(::open(path.c_str(), regular_flags))
                  : open_resolved(AT_FDCWD, path.native(), regular_flags | O_NOFOLLOW,
                                  RESOLVE_NO_SYMLINKS);
    return only_regular(std::move(fd), path, links, code);
}

std::string read_beneath(const fs::path& directory, const std::string& name, Errc code,
                         Bytes limit) {
    const auto path = directory / name;
    const UniqueFd at(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    auto found = at ? open_beneath(at.get(), name, regular_flags) : UniqueFd();
    const auto fd = only_regular(std::move(found), path, Symlinks::refuse, code);
    return read_all(fd.get(), path, code, limit);
}

}  // namespace mastobak
