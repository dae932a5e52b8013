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

/// What there is to know of a file before its contents.
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
    Digest sha256;  ///< of all the contents, holes as zeros
    bool stable;    ///< the file was not written to while it was read
};
struct Restart {};  ///< it changed: what came is void, and it begins anew with Opened
struct Gone {};     ///< it vanished, or is not a regular file any more
struct Failed {
    int error;
};

/// The tale of reading one file: Opened, then Data and Hole that make up exactly its size, then
/// Ended; or Restart, Gone, Failed or an exception at any point.
using Message = std::variant<Opened, Data, Hole, Ended, Restart, Gone, Failed, std::exception_ptr>;

/// Reads files, and notices those that change while they are read. One thread each.
class FileReader {
 public:
    using Take = std::function<BufferPool::Buffer()>;
    using Deliver = std::function<void(std::vector<Message>)>;

    /// \param attempts at a file that changes; the last one is kept as it is
    FileReader(Opener& opener, RateLimit& rate, int attempts, std::stop_token stop)
        : opener_(opener), rate_(rate), attempts_(attempts), stop_(std::move(stop)) {}

    /// Throws what take and deliver throw; Error{cancelled}.
    void read(const Found& file, const Take& take, const Deliver& deliver);

 private:
    enum class Outcome { done, changed };
    Outcome attempt(const Found& file, bool last, const Take& take, const Deliver& deliver);
    /// A file that fits in a buffer: failed attempts are not reported.
    Outcome read_small(int fd, Opened opened, BufferPool::Buffer buffer, bool last,
                       const Deliver& deliver);
    Outcome stream(int fd, Opened opened, BufferPool::Buffer buffer, bool last, const Take& take,
                   const Deliver& deliver);

    Opener& opener_;
    RateLimit& rate_;
    int attempts_;
    std::stop_token stop_;  ///< looked at in each block, and in waits for the rate
    Sha256 hash_;
};

}  // namespace mastobak::media
