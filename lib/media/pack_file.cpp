// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"

namespace mastobak::media {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;
/// Blocks from here on are written as they are: copying them would cost more than a call saves.
constexpr std::size_t large = 64 * 1024;
/// So that the disk is busy from the start, and the fsync at the end has little left to do.
constexpr std::uint64_t writeback_step = std::uint64_t{8} << 20;

}  // namespace

PackFile::PackFile(std::filesystem::path path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {
    if (!fd_) throw write_error(Errc::staging, path_.native(), errno);
    buffer_.reserve(buffer_size);
}

void PackFile::write(std::span<const std::byte> data) {
    size_ += data.size();
    if (buffer_.size() + data.size() > buffer_size || data.size() >= large) flush();
    if (data.size() >= large)
        put(data);
    else
        buffer_.insert(buffer_.end(), data.begin(), data.end());
}

void PackFile::flush() {
    put(buffer_);
    buffer_.clear();
}

void PackFile::put(std::span<const std::byte> data) {
    write_all(fd_.get(), data, path_.native());
    hash_.update(data);
    if (size_ < writeback_ + writeback_step) return;
    // Only a hint: without it the kernel begins later. Errors are for fsync to tell.
    ::sync_file_range(fd_.get(), static_cast<off_t>(writeback_),
                      static_cast<off_t>(size_ - writeback_), SYNC_FILE_RANGE_WRITE);
    writeback_ = size_;
}

void PackFile::truncate(std::uint64_t size) {
    flush();
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0 ||
        ::lseek(fd_.get(), 0, SEEK_SET) != 0)
        throw write_error(Errc::staging, path_.native(), errno);
    hash_.finish();
    std::vector<std::byte> block(buffer_size);
    for (std::uint64_t position = 0; position < size;) {
        const auto n = ::read(fd_.get(), block.data(), block.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            throw errno_error(Errc::staging, fmt::format("read '{}' again", path_.native()),
                              n < 0 ? errno : EIO);
        hash_.update({block.data(), static_cast<std::size_t>(n)});
        position += static_cast<std::uint64_t>(n);
    }
    size_ = size;
    writeback_ = std::min(writeback_, size);
}

Digest PackFile::finish() {
    flush();
    return hash_.finish();
}

}  // namespace mastobak::media
