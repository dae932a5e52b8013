// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <deque>
#include <future>
#include <utility>
#include <vector>

#include "archive/zstd.hpp"
#include "dumps/anchors.hpp"
#include "dumps/new_file.hpp"
#include "dumps/seek_table.hpp"
#include "dumps/segments.hpp"
#include "dumps/writers.hpp"

namespace mastobak::dumps {
namespace {

class BaseWriter : public DumpWriter {
 public:
    BaseWriter(const std::filesystem::path& file, int level, int threads)
        : output_(file), level_(level), threads_(static_cast<std::size_t>(std::max(threads, 1))) {
        block_.reserve(segment_size);
    }

    void write(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const auto n = std::min(bytes.size(), segment_size - block_.size());
            block_.insert(block_.end(), bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(n));
            bytes = bytes.subspan(n);
            if (block_.size() == segment_size) end_segment();
        }
    }

    std::vector<WrittenFile> finish() override {
        if (!block_.empty() || offset_ == 0) end_segment();
        while (!running_.empty()) write_frame();
        const auto anchors = skippable_frame(anchors_.finish());
        frames_.push_back({static_cast<std::uint32_t>(anchors.size()), 0});
        output_.file().write(std::as_bytes(std::span(anchors)));
        const auto table = to_seek_table(frames_);
        output_.file().write(std::as_bytes(std::span(table)));
        const auto digest = output_.file().finish();
        output_.keep();
        return {{output_.file().path(), output_.file().size(), digest}};
    }

 private:
    /// What a thread needs to compress a segment. Used again and again.
    struct Work {
        explicit Work(int level) : compressor(level) {}
        archive::Block block{}, frame{};
        archive::FrameCompressor compressor;
    };

    void end_segment() {
        if (running_.size() == threads_) write_frame();
        if (idle_.empty()) idle_.push_back(std::make_unique<Work>(level_));
        auto work = std::move(idle_.back());
        idle_.pop_back();
        std::swap(work->block, block_);
        anchors_.feed(work->block, offset_);
        offset_ += work->block.size();
        running_.push_back(std::async(std::launch::async, [work = std::move(work)]() mutable {
            work->compressor.compress(work->block, {}, work->frame);
            return std::move(work);
        }));
        block_.clear();
        block_.reserve(segment_size);
    }

    void write_frame() {
        auto work = running_.front().get();
        running_.pop_front();
        output_.file().write(work->frame);
        frames_.push_back({static_cast<std::uint32_t>(work->frame.size()),
                           static_cast<std::uint32_t>(work->block.size())});
        idle_.push_back(std::move(work));
    }

    NewFile output_;
    const int level_;
    const std::size_t threads_;
    archive::Block block_;
    std::uint64_t offset_ = 0;
    AnchorCollector anchors_;
    std::vector<FrameSizes> frames_;
    std::vector<std::unique_ptr<Work>> idle_;
    std::deque<std::future<std::unique_ptr<Work>>> running_;
};

}  // namespace

std::unique_ptr<DumpWriter> write_base(const std::filesystem::path& file, int level, int threads) {
    return std::make_unique<BaseWriter>(file, level, threads);
}

}  // namespace mastobak::dumps
