// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "config/config.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// Returns the sets of a remote.
/// \param scratch directory for fetched files, created when it is missing
std::unique_ptr<SetSource> sets_at(config::Remote remote, std::filesystem::path scratch);

}  // namespace mastobak::restore
