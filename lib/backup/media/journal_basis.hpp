// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/clock.hpp"

namespace mastobak::backup {

/// The point from which the change journal continues. It is stored in the state directory, because
/// the journal outlives the daemon.
struct JournalBasis {
    std::string set;      ///< the journal is complete since this set's walk; empty: no such set
    Timestamp walked_at;  ///< time of the last walk of the whole tree
};

/// \return nullopt when the file is missing or unreadable; the run then walks the tree
std::optional<JournalBasis> read_journal_basis(const std::filesystem::path& state_directory);

/// Throws Error{staging}.
void write_journal_basis(const std::filesystem::path& state_directory, const JournalBasis& basis);

}  // namespace mastobak::backup
