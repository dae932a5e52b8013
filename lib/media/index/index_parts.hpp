// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/files/files.hpp"
#include "media/index/index_writer.hpp"

/// The list of the parts of an index, with which one path costs a part of it and not the whole.
/// lib/store/FORMAT.md has the format.
namespace mastobak::media {

/// Writes the list and fsyncs it.
/// \param file must not exist yet
/// Throws Error{staging}.
FileDigest write_index_parts(const std::filesystem::path& file,
                             const std::vector<IndexPart>& parts);

/// Reads a list of parts.
/// \param index size of the index
/// Throws Error{corrupt}, also when the parts do not cover the index in order and without gaps.
std::vector<IndexPart> read_index_parts(const std::filesystem::path& file, Bytes index);

/// Returns the range of the parts that can contain a path or anything below it: the number of the
/// first part, and the number after the last part. The two are equal when no part can.
std::pair<std::size_t, std::size_t> parts_with(const std::vector<IndexPart>& parts,
                                               std::string_view path);

/// Compares a list with the index: each part must be a frame that can be decompressed by itself,
/// and must have the listed digest and the listed first path.
/// Throws Error{corrupt} with the first difference, Error{cancelled}.
void check_index_parts(const std::filesystem::path& index, const std::filesystem::path& list,
                       const std::stop_token& stop);

}  // namespace mastobak::media
