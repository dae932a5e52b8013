// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "media/read/buffer_pool.hpp"
#include "media/read/rate_limit.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {

/// The metadata of a file, before its contents.
struct Opened {
    FileStatus status;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges;  ///< as in archive::Header
    std::vector<std::pair<std::string, std::string>> xattrs;
};
struct Data {
    BufferPool::Buffer buffer;
    std::size_t size;
    std::span<const std::byte> span() const { return buffer.span().first(size); }
};
struct Hole {
    std::uint64_t size;
};
struct Ended {
    Digest sha256;  ///< digest of all contents, with holes as zeros
    bool stable;    ///< the file was not written to while it was read
};
struct Restart {};  ///< the file changed: earlier messages are void, and Opened follows again
struct Gone {};     ///< the file was removed, or is no longer a regular file
struct Failed {
    int error;  ///< errno of opening or reading
};

/// A message about the reading of one file. The order is: Opened, then Data and Hole whose sizes
/// add up to the size of the file, then Ended. Restart, Gone, Failed or an exception may come at
/// any point.
using Message = std::variant<Opened, Data, Hole, Ended, Restart, Gone, Failed, std::exception_ptr>;

/// Reads files and detects those that change while they are read. Each thread needs its own object.
class FileReader {
 public:
    using Take = std::function<BufferPool::Buffer()>;
    using Deliver = std::function<void(std::vector<Message>)>;

    /// \param attempts limit for a file that changes while it is read; the last one is delivered
    ///                 even when the file changed
    FileReader(Opener& opener, RateLimit& rate, int attempts, std::stop_token stop)
        : opener_(opener), rate_(rate), attempts_(attempts), stop_(std::move(stop)) {}

    /// Reads a file and delivers its messages in the caller's thread.
    /// \param take returns a buffer of a BufferPool, and may wait for it
    /// Throws the exceptions of `take` and `deliver`, and Error{cancelled}. A file that cannot be
    /// read is not an exception but a message.
    void read(const Found& file, const Take& take, const Deliver& deliver);

 private:
    enum class Outcome { done, changed };
    Outcome attempt(const Found& file, bool last, const Take& take, const Deliver& deliver);
    /// Reads a file that fits in a buffer. Failed attempts need no Restart.
    Outcome read_small(int fd, Opened opened, BufferPool::Buffer buffer, bool last,
                       const Deliver& deliver);
    Outcome stream(int fd, Opened opened, BufferPool::Buffer buffer, bool last, const Take& take,
                   const Deliver& deliver);

    Opener& opener_;
    RateLimit& rate_;
    int attempts_;
    std::stop_token stop_;  ///< checked in each block and in waits for the rate
    Sha256 hash_;
};

}  // namespace mastobak::media
