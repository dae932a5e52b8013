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
#include "core/unique_fd.hpp"
#include "restore/estimate.hpp"

namespace mastobak::restore {

/// A part of a pack that is being read. One thread.
class PackPart {
 public:
    virtual ~PackPart() = default;
    /// Reads from a place in the pack, at or behind the last one mostly.
    /// \param offset in the pack, in bytes
    /// \return how many bytes; fewer than asked for at the end of the pack only
    /// Throws Error{corrupt} for what cannot be read, Error{offsite}, Error{cancelled}.
    virtual std::size_t read(std::uint64_t offset, std::span<std::byte> to) = 0;
    /// How long reads have waited for a network so far.
    virtual std::chrono::nanoseconds fetching() const { return {}; }
};

/// Where the bytes of packs come from. Any thread; several at once.
class PackSource {
 public:
    virtual ~PackSource() = default;
    /// \param offset, size of what will be read, in bytes
    /// Throws Error{corrupt} when there is no such pack.
    virtual std::unique_ptr<PackPart> open(const std::string& pack, std::uint64_t offset,
                                           std::uint64_t size) = 0;
    /// Without reading it. Nothing when there is no such pack. Throws Error{offsite},
    /// Error{cancelled}.
    virtual std::optional<Bytes> size_of(const std::string& pack) = 0;
    /// How many bytes are worth one open(), where as many are needed.
    virtual std::uint64_t largest_request() const { return std::uint64_t{4} << 20; }
    /// What came over a network so far.
    virtual Bytes fetched() const { return {}; }
    /// How long that took, by request.
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

/// The packs of a directory, and of others where they are not there: a small staging directory has
/// sent its own away.
class PacksBeside : public PackSource {
 public:
    /// \param others asked in this order
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
