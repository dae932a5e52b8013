// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "core/bytes.hpp"
#include "dumps/read_dump.hpp"

namespace mastobak::restore {

/// Writes a stored dump into a new file. Does not sync it, because it is read only once. On an
/// error, no file is left.
/// \param size     largest size of the new file; a hostile file of a few KiB could fill the disk
/// \param min_free free space that has to remain on the disk of the new file; 0: all may be used
/// \param on_bytes called after each block with the number of bytes so far; may be empty
/// Throws Error{corrupt} for damage and when the file has more than `size` bytes,
/// Error{environment} when there is no room, Error{cancelled}.
void decompress(const dumps::StoredDump& from, const std::filesystem::path& to, Bytes size,
                Bytes min_free, const std::function<void(Bytes)>& on_bytes, std::stop_token stop);

}  // namespace mastobak::restore
