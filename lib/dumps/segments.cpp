// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/segments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::dumps {
namespace {

constexpr std::string_view first_line = "mastobak-difference 1";
constexpr std::uint64_t largest_number = std::uint64_t{1} << 60;

/// Parses a number as to_text() writes it.
std::optional<std::uint64_t> number_of(std::string_view text) {
    const auto number = parse_number<std::uint64_t>(text);
    if (!number || *number > largest_number || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    return number;
}

/// Reads the lines of a list, and reports faults with the number of the line.
class ListReader {
 public:
    ListReader(std::string_view text, Bytes size, const std::string& where)
        : text_(text), size_(size.count), where_(where) {}

    SegmentList read() {
        if (const auto line = next(); line != first_line) {
            if (line.starts_with("mastobak-difference "))
                fail("a newer version of mastobak has made it");
            fail("it is not the list of a difference");
        }
        read_base(words("base", 4));
        read_dump(words("dump", 3));
        while (!text_.empty()) read_segment(words("segment", 7));
        if (at_ != list_.uncompressed.count || frame_at_ != size_)
            fail("the segments are not all of the dump");
        return std::move(list_);
    }

 private:
    [[noreturn]] void fail(std::string_view why) const {
        throw Error(Errc::corrupt, fmt::format("'{}', line {}: {}", where_, line_, why));
    }

    std::string_view next() {
        ++line_;
        const auto end = text_.find('\n');
        if (end == std::string_view::npos) fail("the line does not end");
        const auto line = text_.substr(0, end);
        text_.remove_prefix(end + 1);
        return line;
    }

    std::vector<std::string_view> words(std::string_view kind, std::size_t count) {
        auto words = split(next(), " ");
        if (words.size() != count || words.front() != kind)
            fail(fmt::format("a line '{}' with {} is expected", kind, counted(count - 1, "value")));
        return words;
    }

    std::uint64_t number(std::string_view text) const {
        const auto number = number_of(text);
        if (!number) fail(fmt::format("'{}' is not a number", readable(text)));
        return *number;
    }

    Digest digest(std::string_view text) const {
        const auto digest = parse_digest(text);
        if (!digest) fail(fmt::format("'{}' is not a SHA-256", readable(text)));
        return *digest;
    }

    void read_base(const std::vector<std::string_view>& words) {
        list_.base = words[1];
        list_.base_sha256 = digest(words[2]);
        list_.base_uncompressed = Bytes{number(words[3])};
    }

    void read_dump(const std::vector<std::string_view>& words) {
        list_.uncompressed = Bytes{number(words[1])};
        list_.sha256 = digest(words[2]);
    }

    void read_segment(const std::vector<std::string_view>& words) {
        const Segment segment{number(words[1]), number(words[2]), number(words[3]),
                              number(words[4]), number(words[5]), number(words[6])};
        if (segment.offset != at_ || segment.frame_offset != frame_at_)
            fail("the segment does not follow the one before it");
        if (segment.length == 0 || segment.length > largest_frame ||
            segment.base_length > largest_frame || segment.frame_size > 2 * largest_frame)
            fail(fmt::format("the segment is empty, or larger than {}",
                             to_string(Bytes{largest_frame})));
        // The numbers are at most 2^60, so that the sums do not overflow.
        if (segment.base_offset + segment.base_length > list_.base_uncompressed.count)
            fail("the reference is not within the base");
        if (segment.frame_offset + segment.frame_size > size_)
            fail("the frame is not within the difference");
        at_ += segment.length;
        frame_at_ += segment.frame_size;
        list_.segments.push_back(segment);
    }

    std::string_view text_;
    const std::uint64_t size_;
    const std::string& where_;
    std::uint64_t line_ = 0, at_ = 0, frame_at_ = 0;
    SegmentList list_;
};

}  // namespace

std::string to_text(const SegmentList& list) {
    std::string text(first_line);
    auto out = std::back_inserter(text);
    fmt::format_to(out, "\nbase {} {} {}\ndump {} {}\n", list.base, to_hex(list.base_sha256),
                   list.base_uncompressed.count, list.uncompressed.count, to_hex(list.sha256));
    for (const auto& segment : list.segments)
        fmt::format_to(out, "segment {} {} {} {} {} {}\n", segment.offset, segment.length,
                       segment.base_offset, segment.base_length, segment.frame_offset,
                       segment.frame_size);
    return text;
}

SegmentList parse_segments(std::string_view text, Bytes size, const std::string& where) {
    return ListReader(text, size, where).read();
}

}  // namespace mastobak::dumps
