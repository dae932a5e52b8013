// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_lines.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "archive/zstd.hpp"
#include "core/channel.hpp"
#include "core/error.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace {

/// The limit of a line, so that a damaged index without line breaks does not fill the memory.
constexpr std::size_t longest_line = std::size_t{1} << 20;

constexpr std::size_t index_block = std::size_t{256} << 10;
constexpr std::size_t blocks_ahead = 4;
/// The limit of the text: the compressed size times `expansion`, plus `always_allowed`. Digests do
/// not compress, so a real index is never smaller than a tenth of its text. A file beyond the limit
/// is a decompression bomb.
constexpr std::uint64_t expansion = 200, always_allowed = std::uint64_t{256} << 20;

/// The text of a compressed file in blocks. A thread decompresses a few blocks ahead.
class Blocks {
 public:
    explicit Blocks(const std::filesystem::path& file)
        : most_(most_of(file)),
          thread_([this, zstd = std::make_unique<archive::ZstdDecompressor>(
                             archive::file_source(file))] { work(*zstd); }) {}
    ~Blocks() { blocks_.close(); }
    Blocks(const Blocks&) = delete;
    Blocks& operator=(const Blocks&) = delete;

    /// Returns the next block; nullopt at the end. Throws Error{corrupt}.
    std::optional<std::string> next() { return blocks_.pop(); }

 private:
    void work(archive::ZstdDecompressor& zstd) {
        try {
            std::string block;
            std::uint64_t all = 0;
            for (auto data = zstd.read(); !data.empty(); data = zstd.read()) {
                all += data.size();
                if (all > most_)
                    throw Error(Errc::corrupt,
                                "it is far larger than an index of that size can be");
                block.append(reinterpret_cast<const char*>(data.data()), data.size());
                if (block.size() < index_block) continue;
                if (!blocks_.push(std::exchange(block, {}))) return;
            }
            if (!block.empty()) blocks_.push(std::move(block));
            blocks_.close();
        } catch (...) {
            blocks_.close(std::current_exception());
        }
    }

    static std::uint64_t most_of(const std::filesystem::path& file) {
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        return error ? 0 : always_allowed + size * expansion;
    }

    const std::uint64_t most_;
    Channel<std::string> blocks_{blocks_ahead};
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

struct IndexLines::Impl {
    std::filesystem::path path;
    Blocks blocks;
    std::string block;      ///< the last block that was read
    std::string_view rest;  ///< the rest of it, from the next line on
    std::string carry;      ///< a line that began in an earlier block
    std::uint64_t line_number = 0;
    std::string_view line;
    Entry entry;
    std::string last_path;
    IndexTotals counted;  ///< the totals of the lines that were read
    IndexTotals totals;   ///< the totals in the end line
    const LinesOf kind;
    bool any = false;  ///< an entry was read
    bool removal = false;
    bool ended = false;
    bool unparsed = false;  ///< next_line() has read the current line

    Impl(const std::filesystem::path& file, LinesOf of) : path(file), blocks(file), kind(of) {}

    [[noreturn]] void fail(std::string_view why) const {
        throw Error(Errc::corrupt, fmt::format("read the media index '{}', line {}: {}",
                                               path.native(), line_number, why));
    }

    bool refill() {
        try {
            block = blocks.next().value_or(std::string());
        } catch (const Error& error) {
            fail(error.text());
        }
        rest = block;
        return !block.empty();
    }

    /// Reads the next line. Returns false at the end of the file.
    bool read_line() {
        ++line_number;
        carry.clear();
        for (;;) {
            const auto end = rest.find('\n');
            if (end != std::string_view::npos) {
                line = rest.substr(0, end);
                rest.remove_prefix(end + 1);
                if (!carry.empty()) line = carry.append(line);
                return true;
            }
            carry.append(rest);
            if (carry.size() > longest_line) fail("it is too long");
            if (!refill()) break;
        }
        if (!carry.empty()) fail("it has no end: the index is truncated");
        return false;
    }

    void parse() {
        try {
            removal = kind == LinesOf::changes && is_removal(line);
            if (removal)
                parse_removal(line, entry);
            else
                parse_line(line, entry);
        } catch (const Error& error) {
            fail(error.text());
        }
    }

    void check_header() {
        if (kind == LinesOf::parts) return;
        const auto wanted = kind == LinesOf::changes ? index_changes_header : index_header;
        const bool there = read_line();
        if (there && line == wanted) return;
        const auto name = wanted.substr(0, wanted.find('\t') + 1);
        if (there && line.starts_with(name))
            throw Error(Errc::corrupt,
                        fmt::format("read the media index '{}': version '{}' is unknown",
                                    path.native(), line.substr(name.size())),
                        "a newer mastobak made it; use that one");
        fail(kind == LinesOf::changes ? "these are not the changes of a media index"
                                      : "this is not a media index");
    }

    /// Reads the line of an entry or the end line. Returns false at the end of parts without an end
    /// line.
    bool read_entry_line() {
        bool there = read_line();
        // Parts may begin with the header. check_header() has read the one of a whole file.
        if (there && line_number == 1 && line == index_header) there = read_line();
        if (there) return true;
        if (kind != LinesOf::parts) fail("the end line is missing: the index is truncated");
        ended = true;
        return false;
    }

    void check_end() {
        try {
            totals = parse_end_line(line);
        } catch (const Error& error) {
            fail(error.text());
        }
        if (kind == LinesOf::index && !unparsed && totals != counted)
            fail("its counts are not those of the lines before");
        if (read_line()) fail("nothing may come after the end line");
        ended = true;
    }
};

IndexLines::IndexLines(const std::filesystem::path& file, LinesOf kind)
    : impl_(std::make_unique<Impl>(file, kind)) {
    impl_->check_header();
}

IndexLines::~IndexLines() = default;

bool IndexLines::next_line() {
    auto& self = *impl_;
    self.unparsed = true;
    if (self.ended || !self.read_entry_line()) return false;
    if (!is_end_line(self.line)) return true;
    self.check_end();
    return false;
}

const Entry& IndexLines::parsed() {
    auto& self = *impl_;
    if (std::exchange(self.unparsed, false)) self.parse();
    return self.entry;
}

const Entry* IndexLines::next() {
    auto& self = *impl_;
    if (self.ended) return nullptr;
    if (!self.read_entry_line()) return nullptr;
    if (is_end_line(self.line)) {
        self.check_end();
        return nullptr;
    }
    std::swap(self.last_path, self.entry.path);
    self.parse();
    if (self.any && compare_paths(self.last_path, self.entry.path) >= 0)
        self.fail("it is out of order");
    self.any = true;
    self.counted.count(self.entry);
    return &self.entry;
}

std::string_view IndexLines::line() const {
    return impl_->line;
}

bool IndexLines::removes() const {
    return impl_->removal;
}

const IndexTotals& IndexLines::totals() const {
    return impl_->totals;
}

void IndexLines::fail(std::string_view why) const {
    impl_->fail(why);
}

}  // namespace mastobak::media
