// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "postgres/explain/explain.hpp"
#include "restore/drill/drill.hpp"
#include "restore/drill/drill_database.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// A drilled set whose rows differ, or may differ.
struct Explained {
    SetSource& source;       ///< the manifest and dump of a neighbouring set are read from it
    const std::string& set;  ///< the set that is drilled
    const DrillDatabase& database;  ///< restored database of this set
    bool restored = false;          ///< whether the dump was loaded
    const dumps::StoredDump& dump;  ///< dump of the set
};

/// Runs postgres::explain_rows for a drill. If that is not possible, returns one entry without a
/// table that says why.
/// Throws Error{cancelled}.
std::vector<postgres::ExplainedTable> explain_drill(const Explained& what,
                                                    const DrillOptions& options,
                                                    const std::stop_token& stop);

}  // namespace mastobak::restore
