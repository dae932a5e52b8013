// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/directory_xattrs.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::media {

std::string encode_xattrs(const Xattrs& xattrs) {
    std::string text;
    for (const auto& [name, value] : xattrs) {
        text += fmt::format("{}:{}", name.size(), name);
        for (const unsigned char c : value) text += fmt::format("{:02x}", c);
        text += ';';
    }
    return text;
}

Xattrs decode_xattrs(std::string_view text) {
    const auto bad = [] {
        return Error(Errc::corrupt, "a list of extended attributes is damaged");
    };
    const auto number = [&](std::string_view digits, int base) {
        const auto value = mastobak::parse_number<std::size_t>(digits, base);
        if (!value) throw bad();
        return *value;
    };
    Xattrs xattrs;
    while (!text.empty()) {
        const auto colon = text.find(':');
        if (colon == text.npos) throw bad();
        const auto size = number(text.substr(0, colon), 10);
        text.remove_prefix(colon + 1);
        if (size == 0 || size > text.size()) throw bad();
        auto& [name, value] = xattrs.emplace_back(text.substr(0, size), "");
        text.remove_prefix(size);
        const auto end = text.find(';');
        if (end == text.npos || end % 2 != 0) throw bad();
        for (std::size_t at = 0; at < end; at += 2)
            value += static_cast<char>(number(text.substr(at, 2), 16));
        text.remove_prefix(end + 1);
    }
    return xattrs;
}

}  // namespace mastobak::media
