// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"

/// The list of the parts of an index, with which one path costs a part of it and not the whole.
/// lib/store/FORMAT.md has the format.
namespace mastobak::media {

/// In the directory of a set, beside the index.
inline constexpr auto index_parts_name = "media.index.parts.zst";

struct IndexPartsFile {
    Bytes size;
    Digest sha256;
};

/// Writes the list, durably.
/// \param file new
/// Throws Error{staging}.
IndexPartsFile write_index_parts(const std::filesystem::path& file,
                                 const std::vector<IndexPart>& parts);

/// Reads a list, which must cover an index of that size without gaps, in its order.
/// Throws Error{corrupt}.
std::vector<IndexPart> read_index_parts(const std::filesystem::path& file, Bytes index);

/// The parts that can have a path, or something below it: the first of them, and the one behind the
/// last. The same number twice: none can.
std::pair<std::size_t, std::size_t> parts_with(const std::vector<IndexPart>& parts,
                                               std::string_view path);

/// Compares a list with the index itself: each part is a frame that reads alone, has its hash, and
/// begins with its path.
/// Throws Error{corrupt} that says what is wrong first, Error{cancelled}.
void check_index_parts(const std::filesystem::path& index, const std::filesystem::path& list,
                       const std::stop_token& stop);

}  // namespace mastobak::media
