// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::media {

UniqueFd open_directory(Opener& opener, int root, const std::string& path) {
    UniqueFd fd;
    for (std::size_t start = 0; start <= path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const auto component = path.substr(start, end - start);
        fd = opener.open(fd ? fd.get() : root, component.c_str(), O_DIRECTORY);
        if (!fd) return fd;
        start = end + 1;
    }
    return fd;
}

int Names::read(int directory, std::vector<char>& block) {
    for (;;) {
        // Not readdir(3): opendir(3) allocates a buffer and makes two more system calls for each
        // directory, which is a third of the cost of a walk of small directories.
        const auto n = ::getdents64(directory, block.data(), block.size());
        // ENOENT: the directory was removed after it was opened, so it is empty.
        if (n < 0 && errno != ENOENT) return errno;
        if (n <= 0) break;
        for (const char* at = block.data(); at < block.data() + n;) {
            const auto* entry = reinterpret_cast<const dirent64*>(at);
            at += entry->d_reclen;
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..") continue;
            starts_.push_back(text_.size());
            text_ += static_cast<char>(entry->d_type);
            text_.append(name.data(), name.size() + 1);
        }
    }
    std::sort(starts_.begin(), starts_.end(), [this](std::size_t a, std::size_t b) {
        return std::strcmp(text_.data() + a + 1, text_.data() + b + 1) < 0;
    });
    return 0;
}

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
