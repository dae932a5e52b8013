// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>

#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

/// Reads a dump to its end with pg_restore and counts the rows in it.
/// Throws Error{corrupt} when pg_restore cannot read all of it.
RowCounts count_dumped_rows(const std::filesystem::path& file, const Tools& tools,
                            std::stop_token stop);

}  // namespace mastobak::postgres
