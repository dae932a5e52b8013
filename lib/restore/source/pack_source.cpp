// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/pack_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/error.hpp"

namespace mastobak::restore {

namespace {

/// Packs are restored one after the other, so other packs than the current one are soon finished.
constexpr std::size_t most_open = 8;

class FilePart : public PackPart {
 public:
    FilePart(std::shared_ptr<const UniqueFd> fd, std::string pack)
        : fd_(std::move(fd)), pack_(std::move(pack)) {}

    std::size_t read(std::uint64_t offset, std::span<std::byte> to) override {
        const auto n = ::pread(fd_->get(), to.data(), to.size(), static_cast<off_t>(offset));
        if (n < 0) throw errno_error(Errc::corrupt, fmt::format("read pack '{}'", pack_), errno);
        return static_cast<std::size_t>(n);
    }

 private:
    std::shared_ptr<const UniqueFd> fd_;
    std::string pack_;
};

}  // namespace

PackDirectory::PackDirectory(std::filesystem::path directory) : directory_(std::move(directory)) {}

std::shared_ptr<const UniqueFd> PackDirectory::opened(const std::string& pack) {
    const std::lock_guard lock(mutex_);
    if (const auto known = open_.find(pack); known != open_.end()) return known->second;
    UniqueFd fd(
        ::open((directory_ / pack).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) throw errno_error(Errc::corrupt, fmt::format("open pack '{}'", pack), errno);
    if (open_.size() >= most_open) open_.erase(open_.begin());
    return open_.emplace(pack, std::make_shared<const UniqueFd>(std::move(fd))).first->second;
}

std::unique_ptr<PackPart> PackDirectory::open(const std::string& pack, std::uint64_t offset,
                                              std::uint64_t size) {
    auto fd = opened(pack);
    // The result is ignored, because this is only a hint; the reads work without it.
    (void)::posix_fadvise(fd->get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                          POSIX_FADV_WILLNEED);
    return std::make_unique<FilePart>(std::move(fd), pack);
}

std::optional<Bytes> PackDirectory::size_of(const std::string& pack) {
    std::error_code none;
    const auto file = directory_ / pack;
    if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(file, none)))
        return std::nullopt;
    const auto size = std::filesystem::file_size(file, none);
    if (none) return std::nullopt;
    return Bytes{size};
}

PacksBeside::PacksBeside(std::filesystem::path directory,
                         std::vector<std::unique_ptr<PackSource>> others)
    : directory_path_(directory), directory_(std::move(directory)), others_(std::move(others)) {}

std::unique_ptr<PackPart> PacksBeside::open(const std::string& pack, std::uint64_t offset,
                                            std::uint64_t size) {
    std::error_code ignored;
    if (!std::filesystem::exists(directory_path_ / pack, ignored)) {
        for (const auto& other : others_) {
            try {
                return other->open(pack, offset, size);
            } catch (const Error& error) {
                if (error.code() != Errc::corrupt) throw;
            }
        }
    }
    return directory_.open(pack, offset, size);
}

std::optional<Bytes> PacksBeside::size_of(const std::string& pack) {
    auto size = directory_.size_of(pack);
    for (const auto& other : others_) {
        if (size) break;
        size = other->size_of(pack);
    }
    return size;
}

std::uint64_t PacksBeside::largest_request() const {
    auto most = directory_.largest_request();
    for (const auto& other : others_) most = std::max(most, other->largest_request());
    return most;
}

TimeFit PacksBeside::fetch_times() const {
    TimeFit times;
    for (const auto& other : others_) times += other->fetch_times();
    return times;
}

Bytes PacksBeside::fetched() const {
    Bytes sum;
    for (const auto& other : others_) sum += other->fetched();
    return sum;
}

}  // namespace mastobak::restore
