// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/files/unique_fd.hpp"
#include "restore/estimate.hpp"

namespace mastobak::restore {

/// A part of a pack that is being read. For use by one thread.
class PackPart {
 public:
    virtual ~PackPart() = default;
    /// Reads bytes from a place in the pack. Reads are fastest in ascending order of offsets.
    /// \param offset offset in the pack, in bytes
    /// \return the number of bytes; fewer than requested only at the end of the pack
    /// Throws Error{corrupt} for data that cannot be read, Error{offsite}, Error{cancelled}.
    virtual std::size_t read(std::uint64_t offset, std::span<std::byte> to) = 0;
    /// Returns how long reads have waited for the network so far.
    virtual std::chrono::nanoseconds fetching() const { return {}; }
};

/// A source of the bytes of packs. Any thread; several at once.
class PackSource {
 public:
    virtual ~PackSource() = default;
    /// Opens a part of a pack.
    /// \param offset offset of the part, in bytes
    /// \param size   size of the part, in bytes
    /// Throws Error{corrupt} when there is no such pack.
    virtual std::unique_ptr<PackPart> open(const std::string& pack, std::uint64_t offset,
                                           std::uint64_t size) = 0;
    /// Returns the size of a pack without reading it; empty when there is no such pack. Throws
    /// Error{offsite}, Error{cancelled}.
    virtual std::optional<Bytes> size_of(const std::string& pack) = 0;
    /// Returns how many bytes a caller should read at most with one open().
    virtual std::uint64_t largest_request() const { return std::uint64_t{4} << 20; }
    /// Returns how many bytes came over the network so far.
    virtual Bytes fetched() const { return {}; }
    /// Returns how long the requests to the network took.
    virtual TimeFit fetch_times() const { return {}; }
};

/// The packs of a directory: of staging, or of a copy of it.
class PackDirectory : public PackSource {
 public:
    explicit PackDirectory(std::filesystem::path directory);
    std::unique_ptr<PackPart> open(const std::string& pack, std::uint64_t offset,
                                   std::uint64_t size) override;
    std::optional<Bytes> size_of(const std::string& pack) override;

 private:
    std::shared_ptr<const UniqueFd> opened(const std::string& pack);

    std::filesystem::path directory_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const UniqueFd>> open_;
};

/// The packs of a directory and, for packs that are not there, of other sources: staging may have
/// evicted packs that remotes have.
class PacksBeside : public PackSource {
 public:
    /// \param others further sources, which are tried in this order
    PacksBeside(std::filesystem::path directory, std::vector<std::unique_ptr<PackSource>> others);
    std::unique_ptr<PackPart> open(const std::string& pack, std::uint64_t offset,
                                   std::uint64_t size) override;
    std::optional<Bytes> size_of(const std::string& pack) override;
    std::uint64_t largest_request() const override;
    Bytes fetched() const override;
    TimeFit fetch_times() const override;

 private:
    std::filesystem::path directory_path_;
    PackDirectory directory_;
    std::vector<std::unique_ptr<PackSource>> others_;
};

}  // namespace mastobak::restore
