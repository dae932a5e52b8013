// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/file_reader.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "core/files/polite_read.hpp"
#include "media/read/media_file.hpp"

namespace mastobak::media {
namespace {

using namespace std::chrono_literals;

/// The kernel's clock for file times ticks every 1 to 10 ms, so two writes within one tick leave
/// the same times. A file that has been at rest for longer gets a new time with the next write.
constexpr auto settling = 20ms;

/// Waits until a file has been at rest for `settling`, and returns its status; nullopt on failure,
/// with errno.
std::optional<FileStatus> settled_status(int fd) {
    auto status = status_of(fd);
    // A limited number of looks, because a process may write all the time. is_stable() detects that
    // the file changed while it was read.
    for (int looks = 1; status && looks < 10; ++looks) {
        const auto age = std::chrono::system_clock::now() - status->ctime;
        if (age < 0ms || age >= settling) break;
        std::this_thread::sleep_for(settling - age);
        status = status_of(fd);
    }
    return status;
}

void stop_if(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
}

/// Hashes a hole. It can be cancelled, because a hole may have terabytes, which take hours.
void hash_zeros(Sha256& hash, std::uint64_t size, const std::stop_token& stop) {
    static constexpr std::array<std::byte, 64 * 1024> zeros{};
    for (; size > 0; size -= std::min<std::uint64_t>(size, zeros.size())) {
        stop_if(stop);
        hash.update(std::span(zeros).first(std::min<std::uint64_t>(size, zeros.size())));
    }
}

bool is_stable(int fd, const FileStatus& before) {
    const auto after = status_of(fd);
    return after && same_contents(before, *after);
}

template <typename... Ms>
std::vector<Message> messages(Ms&&... ms) {
    std::vector<Message> all;
    all.reserve(sizeof...(ms));
    (all.emplace_back(std::forward<Ms>(ms)), ...);
    return all;
}

}  // namespace

void FileReader::read(const Found& file, const Take& take, const Deliver& deliver) {
    for (int i = 1;; ++i) {
        hash_.finish();  // clears the data of a failed attempt
        if (attempt(file, i >= attempts_, take, deliver) == Outcome::done) return;
    }
}

FileReader::Outcome FileReader::attempt(const Found& file, bool last, const Take& take,
                                        const Deliver& deliver) {
    // Each attempt opens the file by its name, so that the new file is read if it was replaced.
    const auto fd = opener_.open(file.parent->fd.get(), file.name());
    if (!fd) {
        if (is_vanished(errno))
            deliver(messages(Gone{}));
        else
            deliver(messages(Failed{errno}));
        return Outcome::done;
    }
    Opened opened;
    const auto status = settled_status(fd.get());
    if (!status || !S_ISREG(status->mode)) {
        deliver(messages(Gone{}));
        return Outcome::done;
    }
    opened.status = *status;
    opened.xattrs = xattrs_of(fd.get());
    if (status->allocated < status->size)
        opened.data_ranges = data_ranges_of(fd.get(), status->size);

    auto buffer = take();
    const bool small = status->size <= buffer.span().size() && opened.data_ranges.empty();
    return small ? read_small(fd.get(), std::move(opened), std::move(buffer), last, deliver)
                 : stream(fd.get(), std::move(opened), std::move(buffer), last, take, deliver);
}

FileReader::Outcome FileReader::read_small(int fd, Opened opened, BufferPool::Buffer buffer,
                                           bool last, const Deliver& deliver) {
    const auto size = static_cast<std::size_t>(opened.status.size);
    const auto block = buffer.span().first(size);
    rate_.wait_for(Bytes{size}, stop_);
    if (const int error = read_politely(fd, block, 0); error != 0) {
        deliver(messages(Failed{error}));
        return Outcome::done;
    }
    const bool stable = is_stable(fd, opened.status);
    if (!stable && !last) return Outcome::changed;
    hash_.update(block);
    deliver(
        messages(std::move(opened), Data{std::move(buffer), size}, Ended{hash_.finish(), stable}));
    return Outcome::done;
}

FileReader::Outcome FileReader::stream(int fd, Opened opened, BufferPool::Buffer buffer, bool last,
                                       const Take& take, const Deliver& deliver) {
    const auto before = opened.status;
    auto ranges = opened.data_ranges;
    if (ranges.empty()) ranges.emplace_back(0, before.size);
    ranges.emplace_back(before.size, 0);  // so that the loop handles a hole at the end, too
    deliver(messages(std::move(opened)));
    switch_off_read_ahead(fd);

    std::uint64_t position = 0;
    std::optional<BufferPool::Buffer> spare(std::move(buffer));
    for (const auto& [offset, length] : ranges) {
        if (offset > position) {
            hash_zeros(hash_, offset - position, stop_);
            deliver(messages(Hole{offset - position}));
            position = offset;
        }
        while (position < offset + length) {
            auto next = spare ? std::move(*spare) : take();
            spare.reset();
            const auto size = static_cast<std::size_t>(
                std::min<std::uint64_t>(offset + length - position, next.span().size()));
            const auto block = next.span().first(size);
            stop_if(stop_);
            rate_.wait_for(Bytes{size}, stop_);
            if (const int error = read_politely(fd, block, position); error != 0) {
                deliver(messages(Failed{error}));
                return Outcome::done;
            }
            hash_.update(block);
            position += size;
            deliver(messages(Data{std::move(next), size}));
        }
    }
    const bool stable = is_stable(fd, before);
    if (!stable && !last) {
        deliver(messages(Restart{}));
        return Outcome::changed;
    }
    deliver(messages(Ended{hash_.finish(), stable}));
    return Outcome::done;
}

}  // namespace mastobak::media
