// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
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

/// Returns whether a name is the name of a base, from which later dumps are stored as differences:
/// "20261122T030000Z-base.dump.zst". It is not the name of a pack.
bool is_base_name(std::string_view name);

/// Returns the name of the base that the run of a set makes.
std::string base_name(std::string_view set);

/// Returns whether a name is the name of an index that sets share, from which later indexes are
/// stored as changes: "20261122T030000Z-index.zst". It is not the name of a pack.
bool is_index_name(std::string_view name);

/// Returns the name of the shared index that the run of a set makes.
std::string index_name(std::string_view set);

/// Returns whether a name is that of a file which sets share: of a pack, a base or an index.
bool is_shared_name(std::string_view name);

/// Returns the path of a shared file below staging or a remote: "media/PACK",
/// "media/INDEX", "database/BASE".
std::string shared_path(std::string_view name);

/// Returns the name of the set whose run made the shared file: the first 16 characters.
std::string_view set_that_made(std::string_view pack);

}  // namespace mastobak::store
