// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "postgres/dump/dump_toc.hpp"
#include "postgres/restore/left_out.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// Statements of the dump about privileges that have had no effect: PostgreSQL only warns where a
/// role may not grant what it grants. Those about the owner of an object are not looked at: he is
/// another one now, and may grant himself what he likes.
/// \param made  entries of the dump that were restored
/// \param there entries of the restored database, as pg_dump of the same version writes them
std::vector<LeftOut> lost_privileges(const std::vector<TocEntry>& made,
                                     const std::vector<TocEntry>& there);

}  // namespace mastobak::postgres
