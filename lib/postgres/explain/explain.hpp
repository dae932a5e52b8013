// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/explain/row_search.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

/// Which rows of a table are not those that were recorded, as far as that can be known.
struct ExplainedTable {
    std::string table{};    ///< "public.accounts"
    std::string finding{};  ///< what is known of the rows, and what cannot be known, in words
    FoundRows rows{};
};

/// A dump that may have the rows as they were.
struct OtherDump {
    std::string set{};
    std::filesystem::path dump{};  ///< database.dump.zst
};

struct ExplainInput {
    std::filesystem::path dump{};  ///< database.dump.zst of the set
    const Contents& recorded;      ///< of the set
    Tools tools{};
    /// The database that was made of the dump, as its owner; nothing: it could not be made.
    std::optional<Settings> restored{};
    /// Fetches the dump of the set that was made nearest to this one; asked once, if at all.
    std::function<std::optional<OtherDump>()> other{};
};

/// Narrows down which rows differ from those that were recorded when they were dumped. Of them there
/// is one digest for each table, so the rows are compared with another copy:
/// - where the dump has what was recorded, and the database that was made of it has not, with the
///   dump: all rows that differ are known;
/// - where the dump itself has not, with that of another set. Where a table was the same then, or one
///   row of it makes up for the whole difference, that is known; else there are the rows that have
///   changed between the two, and those that are wrong may be among them.
/// Reads the dumps several times, holds of rows what RowSearch does, and changes nothing.
///
/// \return one for each of the first twenty tables that differ; none: no rows do
/// Throws Error{corrupt} when a dump cannot be read, Error{database}, Error{cancelled}, and what the
/// callback throws.
std::vector<ExplainedTable> explain_rows(const ExplainInput& input, std::stop_token stop);

}  // namespace mastobak::postgres
