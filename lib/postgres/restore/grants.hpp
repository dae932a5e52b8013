// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "postgres/dump/dump_contents.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/restore/left_out.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// Returns the restored GRANT and REVOKE statements that had no effect: PostgreSQL only warns when
/// a role may not grant a privilege. Ignores the privileges of an object's owner, because a restore
/// may change the owner, and an owner may grant itself every privilege.
/// \param made  entries of the dump that were restored
/// \param there entries of the restored database, as pg_dump of the same version writes them
std::vector<LeftOut> lost_privileges(const std::vector<TocEntry>& made,
                                     const std::vector<TocEntry>& there);

/// Returns the comments on extensions that differ in the restored database, which has those of
/// CREATE EXTENSION. A restore does not set them, because they nearly always are the same, and only
/// the owner of an extension may.
std::vector<LeftOut> lost_comments(const DumpContents& contents,
                                   const std::vector<TocEntry>& there);

}  // namespace mastobak::postgres
