// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/restore/restore.hpp"

/// Who owns what of a restored database. Not for other folders.
namespace mastobak::postgres {

/// Gives objects that belonged to another role than the database's owner to that role again, where
/// it is there and a plain one. What would then run as that role is listed instead: functions that
/// are SECURITY DEFINER, tables with triggers, or with indexes that compute something.
/// Then looks at who owns what there is.
/// \param superuser whether the connection is one's; nothing is given away without that
/// \param owner     of the database now
/// \return what does not belong to whom it belonged, or is to belong, as statements
std::vector<LeftOut> give_to_owners(Connection& database, const DumpContents& contents,
                                    const DumpedDatabase& dumped, const std::string& owner,
                                    bool superuser);

/// Lets Mastodon's role use every table, where it owns less than all.
/// \return whether there was something to grant
bool let_use(Connection& database, const std::string& role);

}  // namespace mastobak::postgres
