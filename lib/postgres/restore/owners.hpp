// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/restore/restore.hpp"

/// Owners and privileges in a restored database. Internal to postgres/.
namespace mastobak::postgres {

/// Changes the owner of each object that belonged to a role other than the database's owner back to
/// that role, if the role exists and has no special rights. An object that would then run code as
/// that role keeps its owner and is returned instead: SECURITY DEFINER functions, tables with
/// triggers, and tables with index expressions. Then compares the owners of all objects with those
/// that they should have.
/// \param superuser whether the connection is a superuser's; otherwise no owner is changed
/// \param owner     the owner of the database now
/// \return the objects that have another owner than they should, with the statements that mend it
std::vector<LeftOut> give_to_owners(Connection& database, const DumpContents& contents,
                                    const DumpedDatabase& dumped, const std::string& owner,
                                    bool superuser);

/// Grants Mastodon's role all privileges on the tables and sequences of each schema in which it
/// lacks the rights to use one.
/// \return whether there was such a schema
bool let_use(Connection& database, const std::string& role);

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
