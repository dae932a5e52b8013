// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "media/index.hpp"
#include "media/index_line.hpp"

namespace mastobak::media {
namespace {

/// Paths may be long, but a line without an end must not fill the memory.
constexpr std::size_t longest_line = std::size_t{1} << 20;

}  // namespace

struct IndexReader::Impl {
    std::filesystem::path path;
    archive::ZstdDecompressor zstd;
    std::string_view block;  ///< what is left of the block last read
    std::string carry;       ///< the line that began in the block before
    std::uint64_t line_number = 0;
    std::string last_path;
    IndexTotals totals;
    bool ended = false;

    explicit Impl(const std::filesystem::path& file)
        : path(file), zstd(archive::file_source(file)) {}

    [[noreturn]] void fail(std::string_view why) const {
        throw Error(Errc::corrupt, fmt::format("read the media index '{}', line {}: {}",
                                               path.native(), line_number, why));
    }

    bool refill() {
        const auto data = zstd.read();
        block = {reinterpret_cast<const char*>(data.data()), data.size()};
        return !block.empty();
    }

    /// The next line; valid until the next call. Nothing at the end of the file.
    std::optional<std::string_view> line() {
        ++line_number;
        carry.clear();
        for (;;) {
            const auto end = block.find('\n');
            if (end != std::string_view::npos) {
                const auto rest = block.substr(0, end);
                block.remove_prefix(end + 1);
                if (carry.empty()) return rest;
                return carry.append(rest);
            }
            carry.append(block);
            if (carry.size() > longest_line) fail("it is too long");
            if (!refill()) break;
        }
        if (!carry.empty()) fail("it has no end: the index is cut");
        return std::nullopt;
    }

    Entry parse(std::string_view text) {
        try {
            return parse_line(text);
        } catch (const Error& error) {
            fail(error.text());
        }
    }

    void check_end(std::string_view text) {
        IndexTotals expected;
        try {
            expected = parse_end_line(text);
        } catch (const Error& error) {
            fail(error.text());
        }
        if (expected != totals) fail("its counts are not those of the lines before");
        if (line()) fail("nothing may come after the end line");
        ended = true;
    }
};

IndexReader::IndexReader(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {
    const auto header = impl_->line();
    if (header == index_header) return;
    const auto name = index_header.substr(0, index_header.find('\t') + 1);
    if (header && header->starts_with(name))
        throw Error(Errc::corrupt,
                    fmt::format("read the media index '{}': version '{}' is unknown", file.native(),
                                header->substr(name.size())),
                    "a newer mastobak made it; use that one");
    impl_->fail("this is no media index");
}

IndexReader::~IndexReader() = default;

std::optional<Entry> IndexReader::next() {
    auto& self = *impl_;
    if (self.ended) return std::nullopt;
    const auto text = self.line();
    if (!text) self.fail("the end line is missing: the index is cut");
    if (is_end_line(*text)) {
        self.check_end(*text);
        return std::nullopt;
    }
    auto entry = self.parse(*text);
    if (self.totals.entries > 0 && compare_paths(self.last_path, entry.path) >= 0)
        self.fail("it is out of order");
    self.last_path = entry.path;
    self.totals.count(entry);
    return entry;
}

}  // namespace mastobak::media
