// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// A staging directory, or a copy of one.
/// \param remotes that have packs which are not there any more (staging.keep_packs)
/// \param scratch a directory of its own, made when something is put there
std::unique_ptr<SetSource> sets_in(std::filesystem::path directory,
                                   std::vector<config::Remote> remotes,
                                   std::filesystem::path scratch);

}  // namespace mastobak::restore
