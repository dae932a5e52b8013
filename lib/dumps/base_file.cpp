// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/base_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "dumps/seek_table.hpp"
#include "dumps/segments.hpp"

namespace mastobak::dumps {
namespace {

constexpr std::uint64_t largest_table = std::uint64_t{16} << 20;  ///< two million frames

}  // namespace

BaseFile::BaseFile(std::filesystem::path path)
    : path_(std::move(path)), fd_(open_regular(path_, Symlinks::follow, Errc::corrupt)) {
    const auto damaged = [&](std::string_view why) {
        return Error(Errc::corrupt, fmt::format("'{}': {}", path_.native(), why));
    };
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0)
        throw errno_error(Errc::corrupt, fmt::format("read '{}'", path_.native()), errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size < seek_table_foot) throw damaged("not a base of a dump");
    std::string foot(seek_table_foot, '\0');
    read_at(size - foot.size(), foot.size(), foot.data());
    const auto table_size = seek_table_size(foot);
    if (table_size > std::min(size, largest_table)) throw damaged("its table is too large");
    std::string table(table_size, '\0');
    read_at(size - table_size, table_size, table.data());
    std::uint64_t at = 0;
    for (const auto& sizes : parse_seek_table(table)) {
        const Frame frame{at, uncompressed_.count, sizes.compressed, sizes.uncompressed};
        at += sizes.compressed;
        if (sizes.uncompressed > largest_frame || sizes.compressed > 2 * largest_frame)
            throw damaged("a frame is too large");
        uncompressed_ += Bytes{sizes.uncompressed};
        if (sizes.uncompressed == 0)
            anchors_ = frame;
        else
            frames_.push_back(frame);
    }
    if (at != size - table_size) throw damaged("its table does not fit its size");
}

AnchorIndex BaseFile::anchors() {
    if (anchors_.size == 0) return {};
    std::string stored(anchors_.size, '\0');
    read_at(anchors_.at, stored.size(), stored.data());
    return AnchorIndex(skippable_contents(stored));
}

void BaseFile::read_at(std::uint64_t offset, std::size_t size, void* into) const {
    const auto n = mastobak::read_at(fd_.get(), {static_cast<std::byte*>(into), size}, offset);
    if (n < 0) throw errno_error(Errc::corrupt, fmt::format("read '{}'", path_.native()), errno);
    if (static_cast<std::size_t>(n) < size)
        throw Error(Errc::corrupt, fmt::format("'{}' is truncated", path_.native()));
}

const archive::Block& BaseFile::frame(const Frame& wanted) {
    auto found = std::ranges::find(cache_, &wanted, &Cached::frame);
    if (found == cache_.end()) {
        found = std::ranges::min_element(cache_, {}, &Cached::used);
        found->frame = nullptr;
        archive::Block compressed(wanted.size);
        read_at(wanted.at, compressed.size(), compressed.data());
        try {
            decompressor_.decompress(compressed, {}, wanted.uncompressed, found->bytes);
        } catch (const Error& error) {
            throw Error(error.code(), fmt::format("'{}': {}", path_.native(), error.text()));
        }
        found->frame = &wanted;
    }
    found->used = ++uses_;
    return found->bytes;
}

void BaseFile::read(std::uint64_t offset, std::size_t length, archive::Block& range) {
    range.resize(length);
    auto next = std::upper_bound(frames_.begin(), frames_.end(), offset,
                                 [](std::uint64_t at, const Frame& f) { return at < f.offset; });
    for (std::size_t filled = 0; filled < length;) {
        if (next == frames_.begin() || offset >= next[-1].offset + next[-1].uncompressed)
            throw Error(Errc::internal, "a range beyond the end of the base");
        const auto& bytes = frame(next[-1]);
        const auto from = static_cast<std::size_t>(offset - next[-1].offset);
        const auto n = std::min(bytes.size() - from, length - filled);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), n,
                    range.begin() + static_cast<std::ptrdiff_t>(filled));
        filled += n;
        offset += n;
        if (filled < length && next == frames_.end())
            throw Error(Errc::internal, "a range beyond the end of the base");
        ++next;
    }
}

}  // namespace mastobak::dumps
