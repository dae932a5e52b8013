// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "postgres/contents/contents.hpp"
#include "postgres/settings.hpp"

/// Not for other folders.
namespace mastobak::postgres {

struct RowsOptions {
    const Contents& recorded;  ///< the key, the encoding, and the order of columns
    unsigned connections = 2;
    std::string role{};  ///< that the connections take on (SET ROLE); empty: none
};

/// Reads what a dump of a database would have of tables, sequences and large objects, for a database
/// that is not written to: by COPY, with several connections at once, which takes half of what one
/// pg_dump does. Rows are the same text as in the dump: the columns of a table come in the order in
/// which they were recorded, where they are the same ones.
/// \param database as a role that may read all of it
/// \return no objects of the schema
/// Throws Error{database}, Error{cancelled}.
Contents read_rows(const Settings& database, const RowsOptions& options, std::stop_token stop);

}  // namespace mastobak::postgres
