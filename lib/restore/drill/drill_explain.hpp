// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/explain/explain.hpp"
#include "restore/drill/drill.hpp"
#include "restore/drill/drill_database.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// What of a drill's set differs, or may.
struct Explained {
    SetSource& source;                  ///< its other sets may help; their manifests are read
    const std::string& set;             ///< that is drilled
    const DrillDatabase& database;      ///< of that set
    bool restored = false;              ///< the dump was loaded
    const std::filesystem::path& dump;  ///< database.dump.zst
};

/// postgres::explain_rows for a drill. Where it cannot be done, one entry without a table says why.
/// Throws Error{cancelled}.
std::vector<postgres::ExplainedTable> explain_drill(const Explained& what,
                                                    const DrillOptions& options,
                                                    const std::stop_token& stop);

}  // namespace mastobak::restore
