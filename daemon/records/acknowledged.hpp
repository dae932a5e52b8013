// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// A warning that an administrator has acknowledged.
struct AcknowledgedWarning {
    std::string text;
    Timestamp at;     ///< when it was acknowledged
    std::string set;  ///< set of the run that has reported it
};

/// The contents of `acknowledged.json` in the state directory. Missing files that are acknowledged
/// have a list of their own beside it (backup::acknowledged_media).
struct Acknowledged {
    std::vector<AcknowledgedWarning> warnings;

    /// Returns whether a warning is acknowledged: an acknowledged one has the same words, and no
    /// smaller number ("3 files …" is acknowledged by "5 files …"). Only words that are numbers may
    /// differ; quoted text has to be the same. The warning about files that a set lacks is
    /// acknowledged for this set only, because the paths of these files are acknowledged, and later
    /// warnings do not count them.
    /// \param set set of the run that reports it; empty: it is not published yet
    bool has(const std::string& warning, const std::string& set) const;
};

/// Returns whether a warning is the one about files that the set lacks, which are in
/// missing-media.txt.
bool is_of_missing_files(const std::string& warning);

/// Reads acknowledged.json. If it is missing or damaged, no warning is acknowledged, and all are
/// shown.
Acknowledged read_acknowledged(const std::filesystem::path& state_directory);
/// Writes acknowledged.json durably. Throws Error{staging}.
void write_acknowledged(const std::filesystem::path& state_directory,
                        const Acknowledged& acknowledged);

/// Removes acknowledged warnings from a run, or from the runs of a state, and sets their number
/// (RunRecord::acknowledged). For output to people.
void leave_out_acknowledged(const std::filesystem::path& state_directory, RunRecord& record);
void leave_out_acknowledged(const std::filesystem::path& state_directory, State& state);

}  // namespace mastobak::daemon
