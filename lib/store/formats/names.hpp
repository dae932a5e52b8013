// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace mastobak::store {

/// Returns whether a name is a file name of letters, digits, '-', '_' and '.' that does not begin
/// with '.' or '-'. Such a name is safe as a component of a path and as an argument, even from a
/// hostile source.
bool is_plain_name(std::string_view name);

/// Returns whether a name is the name of a set: "20261122T030000Z".
bool is_set_name(std::string_view name);

/// Returns whether a name is the name of a pack: the name of the set whose run made it, '-', and a
/// plain name, as in "20261122T030000Z-0001.tar".
bool is_pack_name(std::string_view name);

/// Returns the name of the set whose run made the pack: the first 16 characters.
std::string_view set_of_pack(std::string_view pack);

}  // namespace mastobak::store
