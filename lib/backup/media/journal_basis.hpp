// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/clock.hpp"

namespace mastobak::backup {

/// Where the change journal continues from. In the state directory, as the journal outlives the
/// daemon.
struct JournalBasis {
    std::string set;      ///< all is told since its look at the tree; empty: there is no such set
    Timestamp walked_at;  ///< the last time that all of the tree was looked at
};

/// Nothing if there is none, or it is not to be read: the tree is walked then.
std::optional<JournalBasis> read_journal_basis(const std::filesystem::path& state_directory);

/// Throws Error{staging}.
void write_journal_basis(const std::filesystem::path& state_directory, const JournalBasis& basis);

}  // namespace mastobak::backup
