// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/copy_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "core/files.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t block_size = 1 << 20;

/// A file that the destructor removes, unless it was kept.
class Temporary {
 public:
    explicit Temporary(fs::path path) : path_(std::move(path)) { remove(); }
    ~Temporary() { remove(); }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    const fs::path& path() const { return path_; }

 private:
    void remove() const {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    fs::path path_;
};

UniqueFd open_to_read(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) throw errno_error(Errc::offsite, fmt::format("open '{}'", path.native()), errno);
    return fd;
}

Digest copy_blocks(const Object& object, HashingFile& to, const UploadProgress& progress,
                   const std::stop_token& stop) {
    const auto from = open_to_read(object.file);
    std::vector<std::byte> block(block_size);
    for (;;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the copy was cancelled");
        const auto n = ::read(from.get(), block.data(), block.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            throw errno_error(Errc::offsite, fmt::format("read '{}'", object.file.native()), errno);
        if (n == 0) return to.finish();
        to.write(std::span(block).first(static_cast<std::size_t>(n)));
        if (progress) progress(to.size());
    }
}

// The data must be read from the disk, not from the page cache.
Digest read_back(const fs::path& path, const std::stop_token& stop) {
    const auto fd = open_to_read(path);
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    return sha256_of_file(path, stop);
}

// NFS does not support RENAME_NOREPLACE. No other process writes here, so a check before the rename
// is enough.
void rename_new(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
    int error = errno;
    struct stat there {};
    if (error == EINVAL || error == ENOSYS)
        error = ::lstat(to.c_str(), &there) == 0          ? EEXIST
                : ::rename(from.c_str(), to.c_str()) == 0 ? 0
                                                          : errno;
    if (error != 0)
        throw errno_error(Errc::offsite,
                          fmt::format("rename '{}' to '{}'", from.native(), to.native()), error);
}

}  // namespace

void copy_file(const Object& object, const fs::path& to, const UploadProgress& progress,
               std::stop_token stop) {
    const Temporary temporary(to.parent_path() / ("." + to.filename().native() + ".tmp"));
    HashingFile file(temporary.path(), Errc::offsite);
    if (copy_blocks(object, file, progress, stop) != object.sha256)
        throw Error(Errc::corrupt,
                    fmt::format("'{}' has changed since it was published", object.file.native()),
                    "`mastobak verify` shows what is damaged; check the disk");
    if (read_back(temporary.path(), stop) != object.sha256)
        throw Error(Errc::offsite,
                    fmt::format("what was copied to '{}' reads back differently", to.native()),
                    "check that disk and its cable");
    rename_new(temporary.path(), to);
}

void try_place(const fs::path& directory) {
    constexpr auto text = "mastobak can write here\n";
    const Temporary file(directory / (".mastobak-check-" + std::string(100, 'n')));
    const Temporary published(directory / ".mastobak-check");
    write_file(file.path(), text, 0600, Errc::offsite);
    rename_new(file.path(), published.path());
    write_file(file.path(), text, 0600, Errc::offsite);
    sync_names(directory);
    try {
        rename_new(file.path(), published.path());
    } catch (const Error&) {
        return;
    }
    throw Error(Errc::offsite,
                fmt::format("a rename on the file system of '{}' replaces what is there",
                            directory.native()),
                "use another file system, or look at the options of its mount: findmnt -T");
}

void sync_names(const fs::path& directory) {
    sync_directory(directory, Errc::offsite);
}

}  // namespace mastobak::offsite
