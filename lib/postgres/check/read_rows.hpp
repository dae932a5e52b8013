// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "postgres/contents/contents.hpp"
#include "postgres/settings.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

struct RowsOptions {
    const Contents& recorded;  ///< the key, the encoding, and the order of columns
    unsigned connections = 2;
    std::string role{};  ///< the connections use it with SET ROLE; empty: none
    /// Tables that may have more columns than recorded, which are not read: "public.accounts".
    std::set<std::string> more_columns{};
};

/// Reads the rows, sequences and large objects of a database, as a dump would contain them. It uses
/// COPY over several connections, which takes half the time of one pg_dump. No client may write
/// to the database meanwhile, as the connections do not share a snapshot. The text of the rows is
/// the same as in the dump: if a table has the recorded columns, they are read in the recorded
/// order.
/// \param database connection of a role that may read the whole database
/// \return the contents, without objects of the schema
/// Throws Error{database}, Error{cancelled}.
Contents read_rows(const Settings& database, const RowsOptions& options, std::stop_token stop);

}  // namespace mastobak::postgres
