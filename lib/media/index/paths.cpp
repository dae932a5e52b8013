// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/paths.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "core/text.hpp"

namespace mastobak::media {
namespace {

bool printable(char c) {
    return c >= ' ' && c <= '~';
}

void append_octal(std::string& out, char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += '\\';
    out += static_cast<char>('0' + (byte >> 6));
    out += static_cast<char>('0' + ((byte >> 3) & 7));
    out += static_cast<char>('0' + (byte & 7));
}

/// Parses three octal digits. Returns nullopt for other characters, and for values other than 1 to
/// 255.
std::optional<char> parse_octal(std::string_view digits) {
    const auto value = mastobak::parse_number<std::uint8_t>(digits, 8);
    if (digits.size() != 3 || !value || *value == 0) return std::nullopt;
    return static_cast<char>(*value);
}

/// Returns whether GNU tar would read the path in a list of names as an option, or without its
/// first character. It unquotes each line, skips white space at the beginning, and then looks for a
/// dash.
bool needs_dot(std::string_view path) {
    return !path.empty() &&
           (path[0] == '-' || path[0] == ' ' || (path[0] >= '\t' && path[0] <= '\r'));
}

}  // namespace

int compare_paths(std::string_view a, std::string_view b) {
    // Where two paths first differ, the end of a path sorts first, and '/' before any other byte.
    // A plain comparison of bytes is wrong, because '-' and '.' are smaller than '/'.
    const auto at = [](std::string_view path, std::size_t i) {
        if (i == path.size()) return -2;
        return path[i] == '/' ? -1 : static_cast<int>(static_cast<std::uint8_t>(path[i]));
    };
    // Consecutive paths have long common beginnings, which memcmp(3) skips in strides.
    constexpr std::size_t stride = 16;
    const auto shorter = std::min(a.size(), b.size());
    std::size_t i = 0;
    while (i + stride <= shorter && std::memcmp(a.data() + i, b.data() + i, stride) == 0)
        i += stride;
    while (i < shorter && a[i] == b[i]) ++i;
    return at(a, i) - at(b, i);
}

void append_escaped(std::string& out, std::string_view path) {
    for (const char c : path) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (printable(c))
            out += c;
        else
            append_octal(out, c);
    }
}

bool append_unescaped(std::string& out, std::string_view text) {
    // A fast path, because nearly all names have only letters and digits.
    const auto plain =
        std::all_of(text.begin(), text.end(), [](char c) { return printable(c) && c != '\\'; });
    if (plain) {
        out += text;
        return true;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!printable(text[i])) return false;
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) return false;
        if (text[i] == '\\') {
            out += '\\';
        } else if (text[i] == 'n') {
            out += '\n';
        } else if (text[i] == 't') {
            out += '\t';
        } else {
            const auto byte = parse_octal(text.substr(i, 3));
            if (!byte) return false;
            out += *byte;
            i += 2;
        }
    }
    return true;
}

std::string member_name(const std::string& path) {
    return needs_dot(path) ? "./" + path : path;
}

void make_path_of_member(std::string& name) {
    if (name.starts_with("./") && needs_dot(std::string_view(name).substr(2))) name.erase(0, 2);
}

bool is_relative_and_clean(std::string_view path) {
    for (;;) {
        const auto slash = path.find('/');
        const auto component = path.substr(0, slash);
        if (component.empty() || component == "." || component == "..") return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace mastobak::media
