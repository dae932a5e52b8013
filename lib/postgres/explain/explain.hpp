// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"
#include "postgres/connection.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/explain/row_search.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

/// The rows of a table that differ from the recorded ones, as far as they can be determined.
struct ExplainedTable {
    std::string table{};    ///< "public.accounts"
    std::string finding{};  ///< describes what is known about the rows and what is not
    FoundRows rows{};
};

/// The dump of another set, which may have the recorded rows.
struct OtherDump {
    std::string set{};  ///< its name
    dumps::StoredDump dump{};
};

struct ExplainInput {
    dumps::StoredDump dump{};  ///< dump of the set
    const Contents& recorded;  ///< contents that the set records
    Tools tools{};
    /// The database that was restored from the dump, as its owner. nullopt: the restore failed.
    std::optional<Settings> restored{};
    /// Fetches the dump of the set that is nearest in time to this one. Called at most once.
    std::function<std::optional<OtherDump>()> other{};
};

/// Narrows down which rows differ from the recorded ones. A set records only one digest for all
/// rows of a table, so the rows are compared with another copy:
/// - If the dump has the recorded digest, but the restored database does not, the database is
///   compared with the dump. This finds all rows that differ.
/// - If the dump itself does not have the recorded digest, it is compared with the dump of another
///   set. If that one has the recorded digest, or if one row explains the whole difference, the
///   result is exact. Otherwise the result is all rows that have changed between the two sets,
///   and the wrong rows may be among them.
/// Reads the dumps several times, in the bounded memory of RowSearch, and changes nothing.
///
/// \return one element for each of the first twenty tables that differ; empty if no table does
/// Throws Error{corrupt} when a dump cannot be read, Error{database}, Error{cancelled}, and the
/// exceptions of `other`.
std::vector<ExplainedTable> explain_rows(const ExplainInput& input, std::stop_token stop);

}  // namespace mastobak::postgres
