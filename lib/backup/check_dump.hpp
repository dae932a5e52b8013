// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/contents/contents.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::backup {

/// What a dump was found to have.
struct CheckedDump {
    postgres::RowCounts rows{};  ///< of the snapshot, and so of the dump
    std::vector<std::string> warnings{};
};

/// Compares a dump, as pg_restore reads it from its file, with the snapshot that it is of (the
/// number of rows in each table), and with what pg_dump wrote: each row, each value of a sequence,
/// each definition.
/// \param snapshot is ended as soon as it is not needed
/// \param contents of pg_dump's stream; nothing where they are not known
/// Throws Error{database} for a dump that is not what it should be, Error{corrupt},
/// Error{cancelled}.
CheckedDump check_dump(std::unique_ptr<postgres::Snapshot>& snapshot,
                       const std::filesystem::path& dump, const postgres::Tools& tools,
                       const std::optional<postgres::Contents>& contents,
                       const std::stop_token& stop);

}  // namespace mastobak::backup
