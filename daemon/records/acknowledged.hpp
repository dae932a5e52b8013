// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// A warning that an administrator knows of.
struct AcknowledgedWarning {
    std::string text;
    Timestamp at;     ///< when it was acknowledged
    std::string set;  ///< set of the run that has reported it
};

/// `acknowledged.json` in the state directory. Files that are known to be missing have a list of
/// their own beside it (backup::acknowledged_media).
struct Acknowledged {
    std::vector<AcknowledgedWarning> warnings;

    /// Whether a warning is one of them: of the same words, and none of the numbers that stand by
    /// themselves in it is larger ("3 files …", where five were acknowledged). What is quoted has
    /// to be the same. One about files that a set lacks is so for that set only: what is known of
    /// them is their paths, which no later warning counts.
    /// \param set set of the run that reports it; empty: it is not published yet
    bool has(const std::string& warning, const std::string& set) const;
};

/// Whether a warning is the one about files that the set lacks, whose paths are in its list.
bool is_of_missing_files(const std::string& warning);

/// Nothing is acknowledged where it is not there or cannot be read: all is told then.
Acknowledged read_acknowledged(const std::filesystem::path& state_directory);
/// Writes it durably. Throws Error{staging}.
void write_acknowledged(const std::filesystem::path& state_directory,
                        const Acknowledged& acknowledged);

/// Takes what is acknowledged out of the warnings of runs, and counts it, for people to see.
void leave_out_acknowledged(const std::filesystem::path& state_directory, RunRecord& record);
void leave_out_acknowledged(const std::filesystem::path& state_directory, State& state);

}  // namespace mastobak::daemon
