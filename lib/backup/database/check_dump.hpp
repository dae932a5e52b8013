// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"
#include "postgres/contents/contents.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::backup {

/// The result of check_dump().
struct CheckedDump {
    postgres::RowCounts rows{};  ///< rows of each table in the snapshot; the dump has the same
    std::vector<std::string> warnings{};
};

/// Reads a dump back with pg_restore, if there is one, and compares it with the snapshot (the number
/// of rows in each table) and with the output of pg_dump (each row, each sequence value, each definition).
/// \param snapshot is released as soon as it is not needed any more
/// \param contents contents of pg_dump's output; nullopt when they are not known
/// Throws Error{database} when the dump differs, Error{corrupt}, Error{cancelled}.
CheckedDump check_dump(std::shared_ptr<postgres::Snapshot> snapshot, const dumps::StoredDump& dump,
                       const postgres::Tools& tools,
                       const std::optional<postgres::Contents>& contents,
                       const std::stop_token& stop);

/// Compares the number of rows in each table of the snapshot with those in the dump.
/// Throws Error{database} that names the first tables that differ.
void check_row_counts(const postgres::RowCounts& counted, const postgres::RowCounts& dumped);

}  // namespace mastobak::backup
