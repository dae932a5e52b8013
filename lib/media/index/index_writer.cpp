// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_writer.hpp"

#include <fmt/format.h>

#include <exception>
#include <thread>
#include <utility>

#include "archive/zstd.hpp"
#include "core/channel.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_line.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace {

constexpr int compression_level = 1;  // half of an index is digests, which no level makes smaller
/// The size of a part's text, in bytes. It compresses to 200 KB, which have to be fetched to find
/// one file. With smaller parts, the list of the parts of ten million files would cost more.
constexpr std::size_t part_size = std::size_t{1} << 20;
/// The capacity for a part's text, whose last line may be long. Unused pages take no memory.
constexpr std::size_t room = part_size + (std::size_t{64} << 10);
constexpr std::size_t parts_ahead = 1;

/// The index file. Compresses the parts and writes them in a thread of its own.
class Frames {
 public:
    explicit Frames(const std::filesystem::path& path)
        : file_(path),
          zstd_(
              [this](auto data) {
                  file_.write(data);
                  hash_.update(data);
              },
              compression_level),
          thread_([this] { work(); }) {}
    ~Frames() { texts_.close(); }
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;

    /// Throws Error{staging} when this part or an earlier one could not be written.
    void add(std::string first, std::string text) {
        if (!texts_.push({std::move(first), std::move(text)})) end();
    }
    IndexWriter::Result finish() {
        end();
        IndexWriter::Result result;
        result.size = file_.size();
        result.sha256 = file_.close();
        result.parts = std::move(parts_);
        return result;
    }

 private:
    struct Text {
        std::string first;
        std::string lines;
    };

    void end() {
        texts_.close();
        thread_.join();
        if (failure_) std::rethrow_exception(failure_);
    }

    void work() {
        try {
            while (auto text = texts_.pop()) {
                const auto offset = file_.size();
                zstd_.write(std::as_bytes(std::span(text->lines)));
                zstd_.finish();
                parts_.push_back({.offset = offset,
                                  .size = Bytes{file_.size().count - offset.count},
                                  .sha256 = hash_.finish(),
                                  .first = std::move(text->first)});
            }
        } catch (...) {
            failure_ = std::current_exception();
            texts_.close();
        }
    }

    HashingFile file_;
    Sha256 hash_;  ///< digest of the part being written
    archive::ZstdCompressor zstd_;
    std::vector<IndexPart> parts_;
    std::exception_ptr failure_;
    Channel<Text> texts_{parts_ahead};
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

struct IndexWriter::Impl {
    Frames frames;
    std::string text{index_header};  ///< the lines of the current part
    std::string first;               ///< path of its first entry
    std::string last_path;
    IndexTotals totals;
    std::uint64_t changed_times = 0;
    std::uint64_t long_paths = 0;
    std::uint64_t long_names = 0;

    explicit Impl(const std::filesystem::path& path) : frames(path) {
        text.reserve(room);
        text += '\n';
    }

    void begin(const Entry& entry) {
        if (totals.entries > 0 && compare_paths(last_path, entry.path) >= 0)
            throw Error(Errc::internal, fmt::format("write the media index: '{}' comes after '{}'",
                                                    entry.path, last_path));
        if (text.size() >= part_size) flush();
        if (first.empty()) first = entry.path;
        last_path = entry.path;
        totals.count(entry);
        if (is_at_limit(entry.mtime)) ++changed_times;
        if (entry.path.size() > longest_path) ++long_paths;
        // Only the last component: each directory above it has an entry of its own.
        if (entry.path.size() - (entry.path.rfind('/') + 1) > longest_name) ++long_names;
    }
    void flush() {
        frames.add(std::exchange(first, {}), std::exchange(text, {}));
        text.reserve(room);
    }
};

IndexWriter::IndexWriter(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {}

IndexWriter::~IndexWriter() = default;

void IndexWriter::add(const Entry& entry) {
    impl_->begin(entry);
    append_line(impl_->text, entry);
    impl_->text += '\n';
}

void IndexWriter::add(const Entry& entry, std::string_view line) {
    impl_->begin(entry);
    impl_->text += line;
    impl_->text += '\n';
}

IndexWriter::Result IndexWriter::finish() {
    auto& self = *impl_;
    self.text += end_line(self.totals);
    self.text += '\n';
    self.flush();
    auto result = self.frames.finish();
    result.entries = self.totals.entries;
    result.files = self.totals.files;
    result.file_bytes = {self.totals.file_bytes};
    result.changed_times = self.changed_times;
    result.long_paths = self.long_paths;
    result.long_names = self.long_names;
    return result;
}

}  // namespace mastobak::media
