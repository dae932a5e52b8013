// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/sha256sums.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {
namespace {

constexpr std::string_view packs = "../../media/";
constexpr std::string_view separator = "  ";
constexpr std::size_t digits = 64;

bool is_right(std::string_view name) {
    return name.starts_with(packs) ? is_pack_name(name.substr(packs.size())) : is_plain_name(name);
}

}  // namespace

std::string pack_path(std::string_view pack) {
    return fmt::format("{}{}", packs, pack);
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
        const bool whole = end != std::string_view::npos && digest &&
                           line.substr(digits).starts_with(separator) &&
                           is_right(line.substr(digits + separator.size()));
        if (!whole)
            throw Error(Errc::corrupt,
                        fmt::format("line {} of '{}' is damaged", sums.size() + 1, where));
        sums.push_back({std::string(line.substr(digits + separator.size())), *digest});
        text.remove_prefix(end + 1);
    }
    return sums;
}

}  // namespace mastobak::store
