// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "media/index.hpp"
#include "media/index_line.hpp"

namespace mastobak::media {
namespace {

constexpr int compression_level = 1;  // half of an index is digests, which no level makes smaller
constexpr int compression_threads = 2;
constexpr std::size_t block_size = std::size_t{128} << 10;

}  // namespace

struct IndexWriter::Impl {
    HashingFile file;
    archive::ZstdCompressor zstd;
    std::string block;
    std::string last_path;
    IndexTotals totals;

    explicit Impl(const std::filesystem::path& path)
        : file(path),
          zstd([this](auto data) { file.write(data); }, compression_level, compression_threads) {}

    void begin(const Entry& entry) {
        if (totals.entries > 0 && compare_paths(last_path, entry.path) >= 0)
            throw Error(Errc::internal, fmt::format("write the media index: '{}' comes after '{}'",
                                                    entry.path, last_path));
        last_path = entry.path;
        totals.count(entry);
    }
    void end_of_line() {
        block += '\n';
        if (block.size() >= block_size) flush();
    }
    void flush() {
        zstd.write(std::as_bytes(std::span(block)));
        block.clear();
    }
};

IndexWriter::IndexWriter(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {
    impl_->block = index_header;
    impl_->end_of_line();
}

IndexWriter::~IndexWriter() = default;

void IndexWriter::add(const Entry& entry) {
    auto& self = *impl_;
    self.begin(entry);
    append_line(self.block, entry);
    self.end_of_line();
}

void IndexWriter::add(const Entry& entry, std::string_view line) {
    auto& self = *impl_;
    self.begin(entry);
    self.block += line;
    self.end_of_line();
}

IndexWriter::Result IndexWriter::finish() {
    auto& self = *impl_;
    self.block += end_line(self.totals);
    self.end_of_line();
    self.flush();
    self.zstd.finish();
    const auto size = self.file.size();
    return {.size = size,
            .sha256 = self.file.close(),
            .entries = self.totals.entries,
            .files = self.totals.files,
            .file_bytes = {self.totals.file_bytes}};
}

}  // namespace mastobak::media
