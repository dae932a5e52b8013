// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/pack_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::media {
namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;
/// The alignment that O_DIRECT needs of memory, offsets and lengths: 4 KiB suits every usual disk.
constexpr std::size_t alignment = 4096;

}  // namespace

PackFile::PackFile(std::filesystem::path path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)),
      filling_(make_block()),
      writing_(make_block()) {
    if (!fd_) throw write_error(Errc::staging, path_.native(), errno);
    set_direct(true);
}

PackFile::Block PackFile::make_block() {
    auto* memory = static_cast<std::byte*>(std::aligned_alloc(alignment, block_size));
    if (!memory) throw std::bad_alloc();
    return Block(memory);
}

void PackFile::set_direct(bool direct) {
    const int flags = ::fcntl(fd_.get(), F_GETFL);
    // A file system without O_DIRECT refuses here; the writes go through the page cache then.
    const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    direct_ = ::fcntl(fd_.get(), F_SETFL, wanted) == 0 && direct;
}

void PackFile::write(std::span<const std::byte> data) {
    while (!data.empty()) {
        const auto part = data.first(std::min(data.size(), block_size - filled_));
        std::memcpy(filling_.get() + filled_, part.data(), part.size());
        filled_ += part.size();
        data = data.subspan(part.size());
        if (filled_ == block_size) submit();
    }
}

void PackFile::submit() {
    if (mark_ >= written_) {
        hash_at_mark_ = hash_;
        written_at_mark_ = written_;
    }
    hash_.update({filling_.get(), filled_});
    wait();
    std::swap(filling_, writing_);
    written_ += filled_;
    in_flight_ = std::async(std::launch::async,
                            [this, block = std::span(writing_.get(), filled_)] { put(block); });
    filled_ = 0;
}

void PackFile::wait() {
    if (in_flight_.valid()) in_flight_.get();
}

void PackFile::put(std::span<const std::byte> data) {
    while (!data.empty()) {
        // The last block of a file, and the rest of a partial write, are not aligned.
        if (direct_ && data.size() % alignment != 0) set_direct(false);
        const auto n = ::write(fd_.get(), data.data(), data.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EINVAL && direct_) {  // a disk with sectors larger than `alignment`
            set_direct(false);
            continue;
        }
        if (n < 0) throw write_error(Errc::staging, path_.native(), errno);
        data = data.subspan(static_cast<std::size_t>(n));
    }
}

void PackFile::rewind() {
    if (mark_ < written_) {
        wait();
        hash_ = hash_at_mark_;
        written_ = written_at_mark_;
        read_again(static_cast<std::size_t>(mark_ - written_));
        // Truncates at the edge of a block, so that the next write is aligned again.
        const auto end = static_cast<off_t>(written_);
        if (::ftruncate(fd_.get(), end) != 0 || ::lseek(fd_.get(), end, SEEK_SET) != end)
            throw write_error(Errc::staging, path_.native(), errno);
    }
    filled_ = static_cast<std::size_t>(mark_ - written_);
}

void PackFile::read_again(std::size_t size) {
    for (std::size_t have = 0; have < size;) {
        const auto n = ::pread(fd_.get(), filling_.get() + have, block_size - have,
                               static_cast<off_t>(written_ + have));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            throw errno_error(Errc::staging, fmt::format("read '{}' again", path_.native()),
                              n < 0 ? errno : EIO);
        have += static_cast<std::size_t>(n);
    }
}

Digest PackFile::finish() {
    submit();
    wait();
    return hash_.finish();
}

}  // namespace mastobak::media
