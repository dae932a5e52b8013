// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_parts.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

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
