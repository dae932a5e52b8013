// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/incoming_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t copied_at_once = 1 << 20;

Digest copy_blocks(const Object& object, HashingFile& to, const UploadProgress& progress,
                   const std::stop_token& stop) {
    const auto from = open_file(object.file, O_RDONLY, Errc::offsite);
    std::vector<std::byte> block(copied_at_once);
    for (;;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the copy was cancelled");
        const auto n = read_block(from.get(), block, object.file, Errc::offsite);
        if (n == 0) return to.finish();
        to.write(std::span(block).first(n));
        if (progress) progress(to.size());
    }
}

// The data must be read from the disk, not from the page cache.
Digest read_back(const fs::path& path, const std::stop_token& stop) {
    const auto fd = open_file(path, O_RDONLY, Errc::offsite);
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    return sha256_of_file(path, stop);
}

}  // namespace

namespace {
constexpr std::uint64_t block_size = 1 << 20;
}

void PartCounter::take(std::uint64_t came) {
    if (came > part_.length.count)
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' sent more than {} bytes of '{}'", remote_,
                                part_.length.count, part_.name),
                    "does another program write to that remote?");
    watch_.sent({came});
}

void PartCounter::finish(std::uint64_t came) const {
    if (came != part_.length.count)
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' sent {} instead of {} bytes of '{}'", remote_,
                                came, part_.length.count, part_.name),
                    "is the object still there? check it with rclone, or on the remote itself");
}

IncomingFile::IncomingFile(const Part& part, std::filesystem::path file, std::string remote)
    : counter_(part, std::move(remote)), file_(std::move(file), Errc::offsite) {}

IncomingFile::~IncomingFile() {
    std::error_code ignored;
    if (!whole_) std::filesystem::remove(file_.path(), ignored);
}

void IncomingFile::write(std::span<const std::byte> data) {
    counter_.take(file_.size().count + data.size());
    file_.write(data);
}

void IncomingFile::copy_from(int fd, const std::filesystem::path& object,
                             const std::stop_token& stop) {
    const auto& part = counter_.part();
    std::vector<std::byte> block(std::min(block_size, part.length.count));
    while (file_.size() < part.length) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the copy was cancelled");
        const auto size =
            std::min<std::uint64_t>(block.size(), part.length.count - file_.size().count);
        const auto n =
            read_at(fd, std::span(block).first(size), part.offset.count + file_.size().count);
        if (n < 0)
            throw errno_error(Errc::offsite, fmt::format("read '{}'", object.native()), errno);
        if (n == 0) return;  // finish() reports missing data
        write(std::span(block).first(static_cast<std::size_t>(n)));
    }
}

Digest IncomingFile::finish() {
    const auto digest = file_.close();
    counter_.finish(file_.size().count);
    whole_ = true;
    return digest;
}

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
    rename_new(temporary.path(), to, Errc::offsite);
}

void try_place(const fs::path& directory) {
    constexpr auto text = "mastobak can write here\n";
    const Temporary file(directory / (".mastobak-check-" + std::string(100, 'n')));
    const Temporary published(directory / ".mastobak-check");
    write_file(file.path(), text, 0600, Errc::offsite);
    rename_new(file.path(), published.path(), Errc::offsite);
    write_file(file.path(), text, 0600, Errc::offsite);
    sync_names(directory);
    try {
        rename_new(file.path(), published.path(), Errc::offsite);
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
