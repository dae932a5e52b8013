// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace mastobak::store {

/// Whether a name is a file name of letters, digits, '-', '_' and '.' that does not begin with '.'
/// or '-': safe as a component of a path and as an argument, wherever it came from.
bool is_plain_name(std::string_view name);

/// "20261122T030000Z"
bool is_set_name(std::string_view name);

/// "20261122T030000Z-0001.tar": a plain name behind that of the set whose run made it.
bool is_pack_name(std::string_view name);

/// The set whose run made the pack: the first 16 characters of its name.
std::string_view set_of_pack(std::string_view pack);

}  // namespace mastobak::store
