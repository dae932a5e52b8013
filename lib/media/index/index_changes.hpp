// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include "core/files/files.hpp"

/// The changes of an index since an older index, its base. lib/store/FORMAT.md has the format.
namespace mastobak::media {

/// Writes the lines in which an index differs from its base, and fsyncs the file.
///
/// Reads both once, in constant memory.
/// \param base  a whole index
/// \param index the newer index, whole
/// \param file  must not exist yet; is removed if there are too many changes
/// \return nullopt if more than 64 lines and a tenth of them have changed, so that a new base is cheaper in
///         the long run
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
std::optional<FileDigest> write_index_changes(const std::filesystem::path& base,
                                              const std::filesystem::path& index,
                                              const std::filesystem::path& file,
                                              const std::stop_token& stop);

}  // namespace mastobak::media
