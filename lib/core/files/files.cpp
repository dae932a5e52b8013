// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "core/files/open.hpp"

namespace mastobak {
namespace fs = std::filesystem;

namespace {

/// Returns a hint for an errno of a write or of mkdir(2); empty when the error needs none.
std::string write_hint(Errc code, int error) {
    const bool staging = code == Errc::staging;
    if (error == ENOSPC || error == EDQUOT)
        return std::string("make room on that file system, or ") +
               (staging ? "set staging.path to a larger one" : "choose a place on a larger one");
    if (error == EROFS && code == Errc::offsite)
        return "for the daemon, 'systemctl edit mastobak', [Service], ReadWritePaths=DIRECTORY; "
               "elsewhere, remount it";
    if (error == EROFS)
        return staging ? "the daemon may write only where its unit allows it: 'systemctl edit "
                         "mastobak', [Service], ReadWritePaths=DIRECTORY"
                       : "choose a place on a writable file system";
    return {};
}

fs::path parent_of(const fs::path& path) {
    const auto parent = path.parent_path();
    return parent.empty() ? fs::path(".") : parent;
}

/// Removes the temporary files of this file, "PATH.PID-NUMBER.tmp", whose process no longer exists.
/// Looks at a limited number of entries, because the directory may belong to another user.
void remove_abandoned(const fs::path& path) {
    constexpr int most_entries = 10'000;
    const auto prefix = path.filename().native() + ".";
    std::error_code error;
    int seen = 0;
    for (fs::directory_iterator at(parent_of(path), error), end;
         !error && at != end && ++seen < most_entries; at.increment(error)) {
        const auto name = at->path().filename().native();
        if (!name.starts_with(prefix) || !name.ends_with(".tmp")) continue;
        pid_t writer = 0;
        const auto* begin = name.data() + prefix.size();
        const auto [stopped, problem] = std::from_chars(begin, name.data() + name.size(), writer);
        if (problem != std::errc() || *stopped != '-' || writer <= 0) continue;
        if (::kill(writer, 0) != 0 && errno == ESRCH) ::unlink(at->path().c_str());
    }
}

}  // namespace

Error write_error(Errc code, std::string_view path, int error) {
    return errno_error(code, fmt::format("write '{}'", path), error, write_hint(code, error));
}

std::string read_all(int fd, const fs::path& path, Errc code, Bytes limit) {
    const auto too_large = [&] {
        return Error(code, fmt::format("'{}' is larger than {}", path.native(), to_string(limit)));
    };
    struct stat status {};
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        static_cast<std::uint64_t>(status.st_size) > limit.count)
        throw too_large();
    std::string text;
    std::array<char, 16384> block;
    while (const auto n = read_block(fd, std::as_writable_bytes(std::span(block)), path, code)) {
        text.append(block.data(), n);
        if (text.size() > limit.count) throw too_large();
    }
    return text;
}

std::size_t read_block(int fd, std::span<std::byte> block, const fs::path& path, Errc code) {
    for (;;) {
        const auto n = ::read(fd, block.data(), block.size());
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR) throw errno_error(code, fmt::format("read '{}'", path.native()), errno);
    }
}

ssize_t read_at(int fd, std::span<std::byte> to, std::uint64_t offset) noexcept {
    std::size_t filled = 0;
    while (filled < to.size()) {
        const auto rest = to.subspan(filled);
        const auto n = ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + filled));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        filled += static_cast<std::size_t>(n);
    }
    return static_cast<ssize_t>(filled);
}

UniqueFd open_file(const fs::path& path, int flags, Errc code, mode_t mode) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (const int error = errno; !fd)
        throw errno_error(code, fmt::format("open '{}'", path.native()), error,
                          write_hint(code, error));
    return fd;
}

std::string read_file(const fs::path& path, Errc code, Bytes limit) {
    const auto fd = open_regular(path, Symlinks::follow, code);
    return read_all(fd.get(), path, code, limit);
}

void write_all(int fd, std::span<const std::byte> data, std::string_view path, Errc code) {
    while (!data.empty()) {
        const auto n = ::write(fd, data.data(), data.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw write_error(code, path, errno);
        data = data.subspan(static_cast<std::size_t>(n));
    }
}

void sync_and_close(UniqueFd fd, const fs::path& path, Errc code) {
    if (::fsync(fd.get()) != 0) throw write_error(code, path.native(), errno);
    if (::close(fd.release()) != 0) throw write_error(code, path.native(), errno);
}

void sync_file(const fs::path& path, Errc code) {
    sync_and_close(open_file(path, O_RDONLY, code), path, code);
}

void sync_directory(const fs::path& directory, Errc code) {
    auto fd = open_file(directory, O_RDONLY | O_DIRECTORY, code);
    // Some FUSE and network file systems have no fsync of directories; there, the rename has
    // reached the server when it returns.
    if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
        throw write_error(code, directory.native(), errno);
}

void write_file(const fs::path& path, std::string_view text, mode_t mode, Errc code) {
    remove_abandoned(path);
    static std::atomic<unsigned> number = 0;
    auto temporary = path;
    temporary += fmt::format(".{}-{}.tmp", ::getpid(), number++);
    // A killed process with the same PID may have left this file, or another user may have created
    // it (a FIFO would block us).
    ::unlink(temporary.c_str());
    auto fd = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, code, mode);
    // The umask of this process must not remove permissions with which others read the file.
    if (mode != 0600 && ::fchmod(fd.get(), mode) != 0)
        throw write_error(code, temporary.native(), errno);
    write_all(fd.get(), std::as_bytes(std::span(text)), temporary.native(), code);
    sync_and_close(std::move(fd), temporary, code);
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        throw write_error(code, path.native(), errno);
    sync_directory(parent_of(path), code);
}

void rename_new(const fs::path& from, const fs::path& to, Errc code) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
    int error = errno;
    struct stat there {};
    if (error == EINVAL || error == ENOSYS || error == ENOTSUP)
        error = ::lstat(to.c_str(), &there) == 0          ? EEXIST
                : errno != ENOENT                         ? errno
                : ::rename(from.c_str(), to.c_str()) == 0 ? 0
                                                          : errno;
    if (error != 0)
        throw errno_error(code, fmt::format("rename '{}' to '{}'", from.native(), to.native()),
                          error);
}

void publish(const fs::path& from, const fs::path& to, Errc code) {
    rename_new(from, to, code);
    sync_directory(parent_of(to), code);
    sync_directory(parent_of(from), code);
}

void make_directories(const fs::path& path, mode_t mode, Errc code) {
    if (path.empty() || path == "/") return;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
    make_directories(path.parent_path(), mode, code);
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        throw errno_error(code, fmt::format("make the directory '{}'", path.native()), errno,
                          write_hint(code, errno));
}

std::vector<fs::path> entries_of(const fs::path& directory, Errc code) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
        paths.push_back(it->path());
    if (error && error != std::errc::no_such_file_or_directory)
        throw errno_error(code, fmt::format("read '{}'", directory.native()), error.value());
    return paths;
}

bool remove_path(const fs::path& path, Errc code) {
    std::error_code error;
    const auto removed = fs::remove_all(path, error);
    if (error) throw errno_error(code, fmt::format("remove '{}'", path.native()), error.value());
    return removed > 0;
}

bool has_size(const fs::path& file, Bytes size) {
    std::error_code error;
    const auto found = fs::file_size(file, error);
    return !error && found == size.count;
}

Bytes free_space(const fs::path& path, Errc code) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0)
        throw errno_error(code, fmt::format("ask for the free space of '{}'", path.native()),
                          errno);
    return {std::uint64_t{status.f_bavail} * status.f_frsize};
}

void Temporary::remove() const noexcept {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

HashingFile::HashingFile(fs::path path, Errc code)
    : path_(std::move(path)),
      code_(code),
      fd_(open_file(path_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, code, 0600)) {}

void HashingFile::write(std::span<const std::byte> data) {
    write_all(fd_.get(), data, path_.native(), code_);
    hash_.update(data);
    size_ += Bytes{data.size()};
}

Digest HashingFile::finish() {
    sync_and_close(std::move(fd_), path_, code_);
    return hash_.finish();
}

Digest HashingFile::close() {
    if (::close(fd_.release()) != 0) throw write_error(code_, path_.native(), errno);
    return hash_.finish();
}

}  // namespace mastobak
