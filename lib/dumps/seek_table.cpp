// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/seek_table.hpp"

#include <boost/endian/arithmetic.hpp>
#include <cstring>

#include "core/error.hpp"

namespace mastobak::dumps {
namespace {

using boost::endian::little_uint32_t;
using boost::endian::little_uint8_t;

constexpr std::uint32_t table_magic = 0x184D2A5E;  ///< magic number of the skippable frame
constexpr std::uint32_t other_magic = 0x184D2A50;  ///< the same for contents of other kinds
constexpr std::uint32_t seekable_magic = 0x8F92EAB1;
constexpr std::uint8_t checksum_flag = 0x80;

struct Head {
    little_uint32_t magic, size;
};
struct Entry {
    little_uint32_t compressed, uncompressed;
};
struct Foot {
    little_uint32_t frames;
    little_uint8_t descriptor;
    little_uint32_t magic;
};
static_assert(sizeof(Head) == skippable_head && sizeof(Foot) == seek_table_foot);

template <typename T>
void append_struct(std::string& text, const T& value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T read_struct(std::string_view text, std::size_t at) {
    T value;
    std::memcpy(&value, text.data() + at, sizeof value);
    return value;
}

Foot read_foot(std::string_view foot) {
    if (foot.size() != sizeof(Foot)) throw Error(Errc::corrupt, "a base without a seek table");
    const auto found = read_struct<Foot>(foot, 0);
    if (found.magic != seekable_magic || found.descriptor != 0)
        throw Error(Errc::corrupt, "a base without a seek table of a known version");
    return found;
}

std::string frame_of(std::uint32_t magic, std::string_view contents) {
    std::string frame;
    append_struct(frame, Head{little_uint32_t(magic),
                              little_uint32_t(static_cast<std::uint32_t>(contents.size()))});
    return frame.append(contents);
}

std::string_view contents_of(std::uint32_t magic, std::string_view frame) {
    if (frame.size() >= sizeof(Head)) {
        const auto head = read_struct<Head>(frame, 0);
        if (head.magic == magic && head.size == frame.size() - sizeof(Head))
            return frame.substr(sizeof(Head));
    }
    throw Error(Errc::corrupt, "a base with a damaged frame");
}

}  // namespace

std::string skippable_frame(std::string_view contents) {
    return frame_of(other_magic, contents);
}

std::string_view skippable_contents(std::string_view frame) {
    return contents_of(other_magic, frame);
}

std::string to_seek_table(const std::vector<FrameSizes>& frames) {
    std::string table;
    for (const auto& frame : frames)
        append_struct(
            table, Entry{little_uint32_t(frame.compressed), little_uint32_t(frame.uncompressed)});
    append_struct(table, Foot{little_uint32_t(static_cast<std::uint32_t>(frames.size())),
                              little_uint8_t(0), little_uint32_t(seekable_magic)});
    return frame_of(table_magic, table);
}

std::size_t seek_table_size(std::string_view foot) {
    return sizeof(Head) + read_foot(foot).frames * sizeof(Entry) + sizeof(Foot);
}

std::vector<FrameSizes> parse_seek_table(std::string_view frame) {
    const auto table = contents_of(table_magic, frame);
    if (table.size() < sizeof(Foot)) throw Error(Errc::corrupt, "a base without a seek table");
    const auto foot = read_foot(table.substr(table.size() - sizeof(Foot)));
    if (table.size() != foot.frames * sizeof(Entry) + sizeof(Foot))
        throw Error(Errc::corrupt, "a base whose seek table has a different size than it says");
    std::vector<FrameSizes> frames(foot.frames);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const auto entry = read_struct<Entry>(table, i * sizeof(Entry));
        frames[i] = {entry.compressed, entry.uncompressed};
    }
    return frames;
}

}  // namespace mastobak::dumps
