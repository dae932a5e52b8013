// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/names.hpp"

#include <algorithm>

#include "core/clock.hpp"

namespace mastobak::store {
namespace {

constexpr std::size_t set_name_size = 16;
constexpr std::string_view base_suffix = "-base.dump.zst", index_suffix = "-index.zst";

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

}  // namespace

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 255 && name.front() != '.' && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), is_plain);
}

bool is_set_name(std::string_view name) {
    return parse_set_name(name).has_value();
}

bool is_shared_name(std::string_view name) {
    return is_plain_name(name) && name.size() > set_name_size + 1 && name[set_name_size] == '-' &&
           is_set_name(set_that_made(name));
}

bool is_base_name(std::string_view name) {
    return is_shared_name(name) && name.substr(set_name_size) == base_suffix;
}

std::string base_name(std::string_view set) {
    return std::string(set).append(base_suffix);
}

bool is_index_name(std::string_view name) {
    return is_shared_name(name) && name.substr(set_name_size) == index_suffix;
}

std::string index_name(std::string_view set) {
    return std::string(set).append(index_suffix);
}

bool is_pack_name(std::string_view name) {
    return is_shared_name(name) && !is_base_name(name) && !is_index_name(name);
}

std::string shared_path(std::string_view name) {
    return std::string(is_base_name(name) ? "database/" : "media/").append(name);
}

std::string_view set_that_made(std::string_view pack) {
    return pack.substr(0, set_name_size);
}

}  // namespace mastobak::store
