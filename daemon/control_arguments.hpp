// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "backup/retention/prune.hpp"
#include "daemon/jobs/drill_job.hpp"

/// Parsers for the arguments of the daemon's D-Bus methods.
namespace mastobak::daemon {

/// Parses the argument of the method Start: empty, or an object with the run's note. Throws
/// Error{usage} that names an unknown option, one of the wrong type, or what is wrong with the note.
std::string note_from(const std::string& argument);

/// Throws Error{usage} when a text cannot be the note of a run; see store::problem_of_note.
void check_note(const std::string& note);

/// Parses the argument of the method Drill. Throws Error{usage} that names an unknown option or one
/// of the wrong type.
DrillRequest drill_request_from(const std::string& argument);

/// Parses the argument of the method Prune. Throws Error{usage}.
backup::PruneOptions prune_options_from(const std::string& argument);

/// Parses the argument of the method Added, the name of a set. Throws Error{usage}.
std::string added_set_from(const std::string& argument);

}  // namespace mastobak::daemon
