// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/sha256sums.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {
namespace {

constexpr std::string_view above = "../../";
constexpr std::string_view separator = "  ";
constexpr std::size_t digits = 64;

}  // namespace

std::string path_in_sums(std::string_view shared) {
    return std::string(above).append(shared_path(shared));
}

std::optional<std::string> shared_in_sums(std::string_view name) {
    const std::string leaf(name.substr(name.rfind('/') + 1));
    if (!is_shared_name(leaf) || path_in_sums(leaf) != name) return std::nullopt;
    return leaf;
}

std::string to_sha256sums(const std::vector<Sum>& sums) {
    std::string text;
    for (const auto& sum : sums)
        text += fmt::format("{}{}{}\n", to_hex(sum.sha256), separator, sum.name);
    return text;
}

std::vector<Sum> parse_sha256sums(std::string_view text, const std::string& where) {
    std::vector<Sum> sums;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        const auto digest = parse_digest(line.substr(0, digits));
        const auto name = line.substr(std::min(line.size(), digits + separator.size()));
        const bool whole = end != std::string_view::npos && digest &&
                           line.substr(digits).starts_with(separator) &&
                           (is_plain_name(name) || shared_in_sums(name));
        if (!whole)
            throw Error(Errc::corrupt,
                        fmt::format("line {} of '{}' is damaged", sums.size() + 1, where));
        sums.push_back({std::string(name), *digest});
        text.remove_prefix(end + 1);
    }
    return sums;
}

}  // namespace mastobak::store
