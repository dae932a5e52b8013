// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/writers.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/zstd.hpp"
#include "core/crypto/sha256.hpp"
#include "dumps/anchors.hpp"
#include "dumps/base_file.hpp"
#include "dumps/new_file.hpp"
#include "dumps/seek_table.hpp"
#include "dumps/segments.hpp"

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

/// Bytes of the base before and after the place of a segment that are part of its reference. Rows
/// that are new, or that have moved by less, do not hide what follows them.
constexpr std::uint64_t margin = std::uint64_t{1} << 20;
/// The rows of a table end so in pg_dump's output. The next table may have moved by another
/// distance, so a segment ends there.
/// Source: PostgreSQL's src/bin/pg_dump/pg_dump.c (dumpTableData_copy)
constexpr std::string_view end_of_rows = "\\.\n\n\n";
/// A shorter segment does not end with its table.
constexpr std::size_t shortest_segment = std::size_t{64} << 10;
constexpr int level = 1;  ///< compression level of zstd

/// Compresses the segments of a difference one after the other. Used by one thread at a time.
class SegmentCompressor {
 public:
    explicit SegmentCompressor(const std::filesystem::path& base)
        : base_(base), anchors_(base_.anchors()), compressor_(level) {}

    Bytes base_uncompressed() const { return base_.uncompressed(); }

    void compress(std::span<const std::byte> block, Segment& segment, archive::Block& frame) {
        find_reference(block, segment);
        base_.read(segment.base_offset, segment.base_length, reference_);
        compressor_.compress(block, reference_, frame);
        hash_.update(block);
    }

    /// Returns the digest of all segments.
    Digest finish() { return hash_.finish(); }

 private:
    void find_reference(std::span<const std::byte> block, Segment& segment) {
        auto place = anchors_.find(block);
        // A segment without a known line, such as a part of a long row, follows the one before it.
        if (!place) place = expected_;
        if (!place) return;
        const auto length = static_cast<std::int64_t>(block.size());
        const auto size = static_cast<std::int64_t>(base_.uncompressed().count);
        const auto within = [size](std::int64_t at) {
            return std::clamp<std::int64_t>(at, 0, size);
        };
        const auto begin = within(*place - static_cast<std::int64_t>(margin));
        const auto end = within(*place + length + static_cast<std::int64_t>(margin));
        expected_ = *place + length;
        if (begin == end) return;
        segment.base_offset = static_cast<std::uint64_t>(begin);
        segment.base_length = static_cast<std::uint64_t>(end - begin);
    }

    BaseFile base_;
    const AnchorIndex anchors_;
    archive::FrameCompressor compressor_;
    archive::Block reference_;
    Sha256 hash_;
    std::optional<std::int64_t> expected_{};  ///< where the next segment was, if nothing is new
};

class DifferenceWriter : public DumpWriter {
 public:
    DifferenceWriter(const BaseReference& base, const std::filesystem::path& file)
        : compressor_(base.path), output_(file), list_file_(file.native() + list_suffix) {
        list_.base = base.name;
        list_.base_sha256 = base.sha256;
        list_.base_uncompressed = compressor_.base_uncompressed();
        block_.reserve(segment_size);
    }
    ~DifferenceWriter() override {
        // The thread uses the members.
        if (running_.valid()) running_.wait();
    }

    void write(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const auto n = std::min(bytes.size(), segment_size - block_.size());
            const auto seen = block_.size() - std::min(block_.size(), end_of_rows.size() - 1);
            block_.insert(block_.end(), bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(n));
            bytes = bytes.subspan(n);
            end_with_tables(seen);
            if (block_.size() == segment_size) end_segment(segment_size);
        }
    }

    std::vector<WrittenFile> finish() override {
        if (!block_.empty()) end_segment(block_.size());
        write_frame();
        list_.uncompressed = Bytes{offset_};
        list_.sha256 = compressor_.finish();
        const auto digest = output_.file().finish();
        const auto text = to_text(list_);
        list_file_.file().write(std::as_bytes(std::span(text)));
        const auto list_digest = list_file_.file().finish();
        output_.keep();
        list_file_.keep();
        return {{output_.file().path(), output_.file().size(), digest},
                {list_file_.file().path(), list_file_.file().size(), list_digest}};
    }

 private:
    /// Ends a segment where the rows of a table end.
    /// \param from offset in the block of what is new
    void end_with_tables(std::size_t from) {
        for (;;) {
            const std::string_view text(reinterpret_cast<const char*>(block_.data()),
                                        block_.size());
            const auto found = text.find(end_of_rows, from);
            if (found == std::string_view::npos) return;
            from = found + end_of_rows.size();
            if (from < shortest_segment) continue;
            end_segment(from);
            from = 0;
        }
    }

    /// Compresses the first bytes of the block in a thread, while more bytes are collected.
    void end_segment(std::size_t length) {
        write_frame();
        std::swap(block_, compressed_);
        block_.reserve(segment_size);
        block_.assign(compressed_.begin() + static_cast<std::ptrdiff_t>(length), compressed_.end());
        compressed_.resize(length);
        segment_ = {};
        segment_.offset = offset_;
        segment_.length = length;
        offset_ += length;
        running_ = std::async(std::launch::async,
                              [this] { compressor_.compress(compressed_, segment_, frame_); });
    }

    void write_frame() {
        if (!running_.valid()) return;
        running_.get();
        segment_.frame_offset = output_.file().size().count;
        segment_.frame_size = frame_.size();
        list_.segments.push_back(segment_);
        output_.file().write(frame_);
    }

    SegmentCompressor compressor_;
    NewFile output_, list_file_;
    SegmentList list_;
    archive::Block block_;  ///< bytes that are collected
    std::uint64_t offset_ = 0;
    // The thread uses these.
    archive::Block compressed_, frame_;
    Segment segment_;
    std::future<void> running_;
};

}  // namespace

std::unique_ptr<DumpWriter> write_base(const std::filesystem::path& file, int level, int threads) {
    return std::make_unique<BaseWriter>(file, level, threads);
}

std::unique_ptr<DumpWriter> write_difference(const BaseReference& base,
                                             const std::filesystem::path& file) {
    return std::make_unique<DifferenceWriter>(base, file);
}

}  // namespace mastobak::dumps
