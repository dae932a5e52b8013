// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/remote_packs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
#include "core/text.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

/// Keeps one piece at a time, because most reads go forwards.
class RemotePart : public PackPart {
 public:
    RemotePart(RemotePacks& packs, std::string pack, std::uint64_t end, fs::path file)
        : packs_(packs), pack_(std::move(pack)), end_(end), file_(std::move(file)) {}

    std::size_t read(std::uint64_t offset, std::span<std::byte> to) override {
        if (offset >= end_) return 0;
        if (!fd_ || offset < begin_ || offset >= begin_ + size_) fetch(offset);
        const auto there = std::min<std::uint64_t>(to.size(), begin_ + size_ - offset);
        const auto n = ::pread(fd_.get(), to.data(), there, static_cast<off_t>(offset - begin_));
        if (n < 0)
            throw errno_error(Errc::environment, fmt::format("read '{}'", file_.native()), errno);
        return static_cast<std::size_t>(n);
    }

    std::chrono::nanoseconds fetching() const override { return fetching_; }

 private:
    void fetch(std::uint64_t offset) {
        const auto began = std::chrono::steady_clock::now();
        fd_ = {};
        const auto size = std::min(end_ - offset, packs_.piece_.count);
        packs_.fetch(
            {"media/" + pack_, Bytes{offset}, Bytes{size}, packs_.size_of(pack_).value_or(Bytes{})},
            file_);
        fd_ = UniqueFd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
        // The file is unlinked while it is open, so that it disappears even if this process is
        // killed.
        std::error_code ignored;
        fs::remove(file_, ignored);
        if (!fd_)
            throw errno_error(Errc::environment, fmt::format("open '{}'", file_.native()), errno);
        begin_ = offset;
        size_ = size;
        fetching_ += std::chrono::steady_clock::now() - began;
    }

    RemotePacks& packs_;
    const std::string pack_;
    const std::uint64_t end_;
    const fs::path file_;
    UniqueFd fd_;
    std::uint64_t begin_ = 0;
    std::uint64_t size_ = 0;
    std::chrono::nanoseconds fetching_{0};
};

RemotePacks::RemotePacks(MakeRemote make, fs::path scratch, std::stop_token stop, Bytes piece)
    : make_(std::move(make)), piece_(piece), scratch_(std::move(scratch)), stop_(std::move(stop)) {
    make_directories(scratch_, 0700, Errc::environment);
}

std::unique_ptr<PackPart> RemotePacks::open(const std::string& pack, std::uint64_t offset,
                                            std::uint64_t size) {
    const auto& packs = listed();
    const auto there = packs.find(pack);
    if (there == packs.end())
        throw Error(Errc::corrupt, fmt::format("pack '{}' is not at the remote", pack));
    if (there->second.count < offset + size)
        throw Error(Errc::corrupt, fmt::format("pack '{}' has only {} at the remote", pack,
                                               counted(there->second.count, "byte")));
    auto file = scratch_ / fmt::format("part-{}", files_++);
    return std::make_unique<RemotePart>(*this, pack, offset + size, std::move(file));
}

std::optional<Bytes> RemotePacks::size_of(const std::string& pack) {
    const auto& packs = listed();
    const auto there = packs.find(pack);
    if (there == packs.end()) return std::nullopt;
    return there->second;
}

const std::map<std::string, Bytes>& RemotePacks::listed() {
    std::call_once(listed_once_, [&] {
        auto remote = take();
        listed_ = remote->list("media", stop_);
        give_back(std::move(remote));
    });
    return listed_;
}

void RemotePacks::fetch(const offsite::Part& part, const fs::path& file) {
    auto remote = take();
    const auto began = std::chrono::steady_clock::now();
    remote->get(part, file, stop_);
    const auto took = std::chrono::steady_clock::now() - began;
    fetched_ += part.length.count;
    give_back(std::move(remote));
    const std::lock_guard lock(mutex_);
    times_.add(part.length, took);
}

TimeFit RemotePacks::fetch_times() const {
    const std::lock_guard lock(mutex_);
    return times_;
}

std::unique_ptr<offsite::Remote> RemotePacks::take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return make_();
    auto remote = std::move(idle_.back());
    idle_.pop_back();
    return remote;
}

void RemotePacks::give_back(std::unique_ptr<offsite::Remote> remote) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(remote));
}

}  // namespace mastobak::restore
