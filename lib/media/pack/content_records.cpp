// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/content_records.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <queue>
#include <span>
#include <type_traits>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::media {
namespace {

constexpr std::size_t record_size = sizeof(ContentRecord);
constexpr std::size_t most_in_memory = (std::size_t{16} << 20) / record_size;
/// The number of records in memory for all runs together while they are merged.
constexpr std::size_t merge_records = (std::size_t{8} << 20) / record_size;

static_assert(std::is_trivially_copyable_v<ContentRecord> && record_size == 56);

bool is_before(const ContentRecord& a, const ContentRecord& b) {
    return a.sha256.bytes < b.sha256.bytes;
}

}  // namespace

std::uint32_t ContentRecord::right_check() const {
    std::uint32_t hash = 2'166'136'261;  // FNV-1a: a change of any single byte changes the hash
    const auto all = std::as_bytes(std::span(this, 1));
    for (const auto byte : all.first(record_size - sizeof(check)))
        hash = (hash ^ static_cast<std::uint32_t>(byte)) * 16'777'619;
    return hash;
}

/// A sorted part of the scratch file. Reads it in blocks while the parts are merged.
class ContentSorter::Run {
 public:
    Run(const ContentSorter& of, std::uint64_t first, std::uint64_t count, std::size_t room)
        : of_(of), next_(first), left_(count), records_(std::max<std::size_t>(room, 1)) {
        refill();
    }

    bool empty() const { return at_ == end_; }
    const ContentRecord& front() const { return records_[at_]; }
    void pop() {
        if (++at_ == end_) refill();
    }

 private:
    void refill() {
        at_ = end_ = 0;
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, records_.size()));
        const auto bytes = std::as_writable_bytes(std::span(records_).first(want));
        const auto n = read_at(of_.fd_.get(), bytes, next_ * record_size);
        if (n != static_cast<ssize_t>(bytes.size()))
            throw errno_error(Errc::staging, fmt::format("read '{}' again", of_.scratch_.native()),
                              n < 0 ? errno : EIO);
        next_ += want;
        left_ -= want;
        end_ = want;
    }

    const ContentSorter& of_;
    std::uint64_t next_;
    std::uint64_t left_;
    std::vector<ContentRecord> records_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

ContentSorter::ContentSorter(const std::filesystem::path& scratch)
    : scratch_(scratch),
      fd_(::open(scratch.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)) {
    if (!fd_ || ::unlink(scratch.c_str()) != 0)
        throw write_error(Errc::staging, scratch.native(), errno);
}

void ContentSorter::add(const ContentRecord& record) {
    if (records_.size() == most_in_memory) spill();
    records_.push_back(record);
}

void ContentSorter::spill() {
    std::sort(records_.begin(), records_.end(), is_before);
    write_all(fd_.get(), std::as_bytes(std::span(records_)), scratch_.native());
    runs_.push_back(records_.size());
    records_.clear();
}

void ContentSorter::drain(const std::function<void(const ContentRecord&)>& take) {
    if (runs_.empty()) {
        std::sort(records_.begin(), records_.end(), is_before);
        for (const auto& record : records_) take(record);
        return;
    }
    spill();
    records_ = {};
    std::vector<Run> runs;
    std::uint64_t first = 0;
    for (const auto count : runs_)
        runs.emplace_back(*this, std::exchange(first, first + count), count,
                          merge_records / runs_.size());
    const auto is_later = [](const Run* a, const Run* b) {
        return is_before(b->front(), a->front());
    };
    std::priority_queue<Run*, std::vector<Run*>, decltype(is_later)> heads(is_later);
    for (auto& run : runs)
        if (!run.empty()) heads.push(&run);
    while (!heads.empty()) {
        auto* run = heads.top();
        heads.pop();
        take(run->front());
        run->pop();
        if (!run->empty()) heads.push(run);
    }
}

}  // namespace mastobak::media
