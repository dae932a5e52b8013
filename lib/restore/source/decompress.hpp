// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "core/bytes.hpp"

namespace mastobak::restore {

/// Decompresses a file into a new one, which is not synced: it is for reading once.
/// \param size     what has to come out: a bomb of a few KiB would fill the disk
/// \param min_free what has to stay free where it is written; 0: it may be filled
/// \param on_bytes told of each block how much came out so far; may be empty
/// Throws Error{corrupt} for damage and where more than that comes out, Error{environment} when
/// there is no room, Error{cancelled}; no file is left then.
void decompress(const std::filesystem::path& from, const std::filesystem::path& to, Bytes size,
                Bytes min_free, const std::function<void(Bytes)>& on_bytes, std::stop_token stop);

}  // namespace mastobak::restore
