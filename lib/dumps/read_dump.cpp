// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/read_dump.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <future>
#include <memory>
#include <optional>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/files/polite_read.hpp"
#include "dumps/base_file.hpp"
#include "dumps/segments.hpp"

namespace mastobak::dumps {
namespace {

/// Reads the segments of a difference in their order.
class DifferenceReader {
 public:
    DifferenceReader(const StoredDump& dump, DumpDigest digest)
        : path_(dump.file),
          fd_(open_regular(path_, Symlinks::follow, Errc::corrupt)),
          base_(dump.base) {
        struct stat status {};
        if (::fstat(fd_.get(), &status) != 0)
            throw errno_error(Errc::corrupt, fmt::format("read '{}'", path_.native()), errno);
        list_ = parse_segments(read_file(dump.list, Errc::corrupt, largest_list),
                               Bytes{static_cast<std::uint64_t>(status.st_size)},
                               dump.list.filename().native());
        if (list_.base != dump.base_name || list_.base_sha256 != dump.base_sha256 ||
            list_.base_uncompressed != base_.uncompressed())
            throw Error(Errc::corrupt,
                        fmt::format("'{}' is a difference from another base than '{}'",
                                    path_.native(), dump.base.native()));
        if (digest == DumpDigest::check) hash_.emplace();
        begin_next();
    }
    ~DifferenceReader() {
        // The thread uses the members.
        if (running_.valid()) running_.wait();
    }
    DifferenceReader(const DifferenceReader&) = delete;
    DifferenceReader& operator=(const DifferenceReader&) = delete;

    std::span<const std::byte> read() {
        if (!running_.valid()) {
            if (hash_ && hash_->finish() != list_.sha256)
                throw Error(Errc::corrupt, fmt::format("'{}' and its base are not the dump that "
                                                       "was stored",
                                                       path_.native()));
            hash_.reset();
            return {};
        }
        running_.get();
        std::swap(block_, next_);
        begin_next();
        if (hash_) hash_->update(block_);
        return block_;
    }

 private:
    void begin_next() {
        if (at_ == list_.segments.size()) return;
        running_ = std::async(std::launch::async, [this, &segment = list_.segments[at_++]] {
            base_.read(segment.base_offset, segment.base_length, reference_);
            read_frame(segment);
            try {
                decompressor_.decompress(frame_, reference_, segment.length, next_);
            } catch (const Error& error) {
                throw Error(error.code(), fmt::format("'{}': {}", path_.native(), error.text()));
            }
        });
    }

    void read_frame(const Segment& segment) {
        frame_.resize(segment.frame_size);
        if (const auto error = read_politely(fd_.get(), frame_, segment.frame_offset))
            throw errno_error(Errc::corrupt, fmt::format("read '{}'", path_.native()), error);
    }

    const std::filesystem::path path_;
    const UniqueFd fd_;
    SegmentList list_;
    std::size_t at_ = 0;
    std::optional<Sha256> hash_{};
    archive::Block block_;
    // The thread uses these.
    BaseFile base_;
    archive::FrameDecompressor decompressor_;
    archive::Block reference_, frame_, next_;
    std::future<void> running_;
};

}  // namespace

std::function<std::span<const std::byte>()> read_dump(const StoredDump& dump, DumpDigest digest) {
    if (dump.list.empty()) {
        auto whole = std::make_shared<archive::ZstdDecompressor>(archive::file_source(dump.file));
        return [whole] { return whole->read(); };
    }
    auto difference = std::make_shared<DifferenceReader>(dump, digest);
    return [difference] { return difference->read(); };
}

}  // namespace mastobak::dumps
