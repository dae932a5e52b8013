// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// Returns the sets of a staging directory, or of a copy of one.
/// \param remotes remotes with the packs that were evicted from staging (staging.keep_packs)
/// \param scratch a directory of its own, which is created when it is needed
std::unique_ptr<SetSource> sets_in(std::filesystem::path directory,
                                   std::vector<config::Remote> remotes,
                                   std::filesystem::path scratch);

}  // namespace mastobak::restore
