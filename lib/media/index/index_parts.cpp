// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_parts.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_line.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;
namespace {

/// The limit of the list's text. The index of ten million files has five thousand parts, each with
/// a line of 150 bytes.
constexpr std::size_t longest_list = std::size_t{64} << 20;

[[noreturn]] void fail(const fs::path& list, std::string_view why) {
    throw Error(Errc::corrupt, fmt::format("read '{}': {}", list.native(), why));
}

bool is_at_or_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/');
}

/// Returns whether a part begins where the part before it ends, and has a later path.
bool follows(const IndexPart& part, const std::vector<IndexPart>& parts) {
    if (parts.empty()) return part.offset == Bytes{};
    const auto& last = parts.back();
    return part.offset == last.offset + last.size && compare_paths(last.first, part.first) < 0;
}

/// Enough text for the first line and an entry's line with two paths, which are much shorter.
constexpr std::size_t enough = std::size_t{256} << 10;

/// Reads the parts of an index file one after the other.
class PartReader {
 public:
    PartReader(const fs::path& index, const std::stop_token& stop)
        : index_(index), fd_(open_file(index, O_RDONLY | O_NOFOLLOW, Errc::corrupt)), stop_(stop) {}

    struct Found {
        Digest sha256;
        std::string beginning;  ///< the first bytes of the text
    };
    /// Reads the next part. Throws Error{corrupt} when it does not consist of whole frames.
    Found read(Bytes size) {
        Found found;
        left_ = size.count;
        archive::ZstdDecompressor zstd([this] { return read_block(); });
        for (auto data = zstd.read(); !data.empty(); data = zstd.read()) {
            const auto wanted = std::min(data.size(), enough - found.beginning.size());
            found.beginning.append(reinterpret_cast<const char*>(data.data()), wanted);
        }
        found.sha256 = hash_.finish();
        return found;
    }

 private:
    std::span<const std::byte> read_block() {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto want = std::min<std::uint64_t>(left_, block_.size());
        if (want == 0) return {};
        const auto part = std::span(block_).first(want);
        const auto block = part.first(mastobak::read_block(fd_.get(), part, index_, Errc::corrupt));
        left_ -= block.size();
        hash_.update(block);
        return block;
    }

    const fs::path& index_;
    UniqueFd fd_;
    const std::stop_token& stop_;
    std::vector<std::byte> block_ = std::vector<std::byte>(std::size_t{256} << 10);
    std::uint64_t left_ = 0;
    Sha256 hash_;
};

/// Returns the path of the first entry; empty if there is none.
std::string first_path(std::string_view text) {
    const auto next_line = [&] {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        return line;
    };
    auto line = next_line();
    if (line == index_header) line = next_line();
    if (is_end_line(line)) return {};
    Entry entry;
    parse_line(line, entry);
    return std::move(entry.path);
}

}  // namespace

FileDigest write_index_parts(const fs::path& file, const std::vector<IndexPart>& parts) {
    auto text = std::string(index_parts_header) + '\n';
    for (const auto& part : parts) text += part_line(part) + '\n';
    return archive::write_text(file, text);
}

std::vector<IndexPart> read_index_parts(const fs::path& file, Bytes index) {
    const auto text = archive::read_text(file, longest_list);
    std::vector<IndexPart> parts;
    std::string_view rest = text;
    const auto next_line = [&] {
        const auto end = rest.find('\n');
        if (end == rest.npos) fail(file, "it is truncated");
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        return line;
    };
    if (next_line() != index_parts_header)
        fail(file, "this is not a list of an index's parts, or it is of a different version");
    for (std::size_t number = 2; !rest.empty(); ++number) {
        IndexPart part;
        try {
            part = parse_part_line(next_line());
        } catch (const Error& error) {
            fail(file, fmt::format("line {}: {}", number, error.text()));
        }
        const bool inside = part.offset <= index && part.size.count > 0 &&
                            part.size.count <= index.count - part.offset.count;
        if (!inside || !follows(part, parts))
            fail(file, fmt::format("line {}: it does not follow the line before", number));
        parts.push_back(std::move(part));
    }
    if (parts.empty() || parts.back().offset + parts.back().size != index)
        fail(file, fmt::format("it is not of an index of {} bytes", index.count));
    return parts;
}

std::pair<std::size_t, std::size_t> parts_with(const std::vector<IndexPart>& parts,
                                               std::string_view path) {
    const auto behind = std::upper_bound(
        parts.begin(), parts.end(), path,
        [](auto wanted, const auto& part) { return compare_paths(wanted, part.first) < 0; });
    // The part before may have the path itself and the first paths below it.
    const auto first = behind == parts.begin() ? behind : behind - 1;
    const auto last = std::find_if_not(
        behind, parts.end(), [&](const auto& part) { return is_at_or_below(part.first, path); });
    return {static_cast<std::size_t>(first - parts.begin()),
            static_cast<std::size_t>(last - parts.begin())};
}

void check_index_parts(const fs::path& index, const fs::path& list, const std::stop_token& stop) {
    std::error_code error;
    const auto size = fs::file_size(index, error);
    if (error)
        throw errno_error(Errc::corrupt, fmt::format("read '{}'", index.native()), error.value());
    PartReader reader(index, stop);
    for (const auto& part : read_index_parts(list, Bytes{size})) {
        const auto wrong = [&](std::string_view what) {
            return Error(Errc::corrupt,
                         fmt::format("'{}' is not what '{}' has at {}: {}", list.native(),
                                     index.native(), part.offset.count, what));
        };
        std::string first;
        try {
            const auto found = reader.read(part.size);
            if (found.sha256 != part.sha256) throw Error(Errc::corrupt, "a different SHA-256");
            first = first_path(found.beginning);
        } catch (const Error& found) {
            if (found.code() != Errc::corrupt) throw;
            throw wrong(found.text());
        }
        if (first != part.first) throw wrong("a different path");
    }
}

}  // namespace mastobak::media
