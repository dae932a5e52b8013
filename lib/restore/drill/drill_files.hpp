// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>

#include "media/index/index_files.hpp"
#include "postgres/check/check.hpp"
#include "postgres/connection.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Makes the check "files": every file that a restored database names has to be in the set's index,
/// with its size, except those that the backup already recorded as missing.
/// \param missing_list missing-media.txt of the set; empty if there is none
/// Throws Error{database}, Error{corrupt} for an index that cannot be read, Error{cancelled}.
postgres::Check check_files(const postgres::Settings& database, const store::Manifest& manifest,
                            const media::IndexFiles& index,
                            const std::filesystem::path& missing_list, std::stop_token stop);

}  // namespace mastobak::restore
