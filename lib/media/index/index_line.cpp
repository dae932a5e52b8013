// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "core/error.hpp"
#include "core/text.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace {

constexpr std::string_view end_tag = "end\t";
constexpr std::string_view removal_tag = "-\t";
constexpr std::size_t columns = 14;

template <typename Number>
void append_number(std::string& out, Number value, int base = 10) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), value, base).ptr;
    out.append(digits.begin(), end);
    out += '\t';
}

[[noreturn]] void bad(std::string_view what, std::string_view value) {
    throw Error(Errc::corrupt, fmt::format("'{}' is not {}", value, what));
}

template <typename Number>
Number parse_number(std::string_view what, std::string_view text, int base = 10) {
    const auto value = mastobak::parse_number<Number>(text, base);
    if (!value) bad(what, text);
    return *value;
}

template <std::size_t N>
std::array<std::string_view, N> split(std::string_view line) {
    std::array<std::string_view, N> fields;
    for (std::size_t i = 0; i < N; ++i) {
        const auto tab = line.find('\t');
        if ((tab == std::string_view::npos) != (i + 1 == N))
            throw Error(Errc::corrupt, fmt::format("it does not have {} columns", N));
        fields[i] = line.substr(0, tab);
        line.remove_prefix(i + 1 == N ? line.size() : tab + 1);
    }
    return fields;
}

/// The type column of a file whose contents are in the member of another file.
constexpr std::string_view copy_type = "c";

EntryType parse_type(std::string_view text) {
    if (text == "f" || text == copy_type) return EntryType::file;
    if (text == "d") return EntryType::directory;
    if (text == "l") return EntryType::symlink;
    if (text == "h") return EntryType::hardlink;
    bad("type", text);
}

Timestamp parse_time(std::string_view what, std::string_view text) {
    return Timestamp(std::chrono::nanoseconds(parse_number<std::int64_t>(what, text)));
}

void parse_path(std::string_view what, std::string_view text, std::string& path) {
    path.clear();
    if (!append_unescaped(path, text)) bad(what, text);
    make_path_of_member(path);
    if (!is_relative_and_clean(path)) bad(what, text);
}

/// Accepts only file names that need no quotes in a command line.
void parse_pack(std::string_view text, std::string& pack) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '.' || c == '_';
    };
    if (text.empty() || text.front() == '.' || text.front() == '-' || text.size() > 255 ||
        !std::all_of(text.begin(), text.end(), allowed))
        bad("name of a pack", text);
    pack = text;
}

void parse_target(EntryType type, std::string_view text, std::string& target) {
    if (type == EntryType::hardlink) return parse_path("target of a hard link", text, target);
    if (!append_unescaped(target, text) || target.empty()) bad("target of a symlink", text);
}

}  // namespace

void append_line(std::string& out, const Entry& entry) {
    out += entry.copy ? copy_type.front() : static_cast<char>(entry.type);
    out += '\t';
    append_escaped(out, member_name(entry.path));
    out += '\t';
    append_number(out, entry.mode, 8);
    append_number(out, entry.uid);
    append_number(out, entry.gid);
    append_number(out, entry.size);
    append_number(out, entry.mtime.time_since_epoch().count());
    append_number(out, entry.ctime.time_since_epoch().count());
    append_number(out, entry.inode);
    if (entry.type == EntryType::directory) {
        out += "-\t-\t-\t-\t";
        if (entry.target.empty())
            out += '-';
        else
            append_escaped(out, entry.target);
        return;
    }
    out += entry.pack;
    out += '\t';
    append_number(out, entry.offset);
    append_number(out, entry.stored);
    out += entry.sha256 ? to_hex(*entry.sha256) : "-";
    out += '\t';
    if (entry.type == EntryType::file)
        out += '-';
    else
        append_escaped(out, entry.target);
}

void parse_line(std::string_view line, Entry& entry) {
    const auto field = split<columns>(line);
    entry.type = parse_type(field[0]);
    entry.copy = field[0] == copy_type;
    parse_path("path", field[1], entry.path);
    entry.mode = parse_number<std::uint32_t>("mode", field[2], 8);
    if (entry.mode > 07777) bad("mode", field[2]);
    entry.uid = parse_number<std::uint32_t>("owner", field[3]);
    entry.gid = parse_number<std::uint32_t>("group", field[4]);
    entry.size = parse_number<std::uint64_t>("size", field[5]);
    if (entry.type != EntryType::file && entry.size != 0) bad("size of such an entry", field[5]);
    entry.mtime = parse_time("time of modification", field[6]);
    entry.ctime = parse_time("time of change", field[7]);
    entry.inode = parse_number<std::uint64_t>("inode", field[8]);
    entry.target.clear();
    entry.sha256.reset();
    if (entry.type == EntryType::directory) {
        entry.pack.clear();
        entry.offset = entry.stored = 0;
        if (field[13] != "-" && !append_unescaped(entry.target, field[13]))
            bad("list of extended attributes", field[13]);
        return;
    }
    // Consecutive entries are mostly in the same pack, whose name was checked already.
    if (entry.pack != field[9]) parse_pack(field[9], entry.pack);
    entry.offset = parse_number<std::uint64_t>("offset", field[10]);
    entry.stored = parse_number<std::uint64_t>("number of stored bytes", field[11]);
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    if (entry.size > most) bad("size", field[5]);
    if (entry.offset > most || entry.offset % 512 != 0) bad("offset", field[10]);
    if (entry.stored > most - entry.offset) bad("number of stored bytes", field[11]);
    if (entry.type == EntryType::file) {
        entry.sha256 = parse_digest(field[12]);
        if (!entry.sha256) bad("SHA-256", field[12]);
        if (entry.copy && entry.stored < entry.size) bad("member without holes", field[11]);
    } else {
        parse_target(entry.type, field[13], entry.target);
    }
}

std::string end_line(const IndexTotals& totals) {
    return fmt::format("{}{}\t{}\t{}", end_tag, totals.entries, totals.files, totals.file_bytes);
}

bool is_end_line(std::string_view line) {
    return line.starts_with(end_tag);
}

IndexTotals parse_end_line(std::string_view line) {
    const auto field = split<4>(line);
    return {.entries = parse_number<std::uint64_t>("number of entries", field[1]),
            .files = parse_number<std::uint64_t>("number of files", field[2]),
            .file_bytes = parse_number<std::uint64_t>("number of bytes", field[3])};
}

void append_removal(std::string& out, const std::string& path) {
    out += removal_tag;
    append_escaped(out, member_name(path));
}

bool is_removal(std::string_view line) {
    return line.starts_with(removal_tag);
}

void parse_removal(std::string_view line, Entry& entry) {
    parse_path("path", split<2>(line)[1], entry.path);
}

std::string part_line(const IndexPart& part) {
    auto line =
        fmt::format("{}\t{}\t{}\t", part.offset.count, part.size.count, to_hex(part.sha256));
    append_escaped(line, member_name(part.first));
    return line;
}

IndexPart parse_part_line(std::string_view line) {
    const auto field = split<4>(line);
    IndexPart part;
    part.offset.count = parse_number<std::uint64_t>("offset", field[0]);
    part.size.count = parse_number<std::uint64_t>("size", field[1]);
    const auto sha256 = parse_digest(field[2]);
    if (!sha256) bad("SHA-256", field[2]);
    part.sha256 = *sha256;
    if (!field[3].empty()) parse_path("path", field[3], part.first);
    return part;
}

}  // namespace mastobak::media
