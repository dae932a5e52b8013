// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "store/formats/manifest.hpp"
#include "store/staging.hpp"

namespace mastobak::restore {

/// Reads the dump of a set from its files in staging, from which a difference is rebuilt, and
/// compares its size with the manifest, and that of a difference its digest, too.
/// Throws Error{corrupt} when it is not the dump that was stored, Error{cancelled}.
void verify_dump(const store::Staging& staging, const store::Manifest& manifest,
                 const std::stop_token& stop);

/// Compares the packs of a set in staging with the set's index, and returns the problems, one line
/// each. \param away packs that are off-site only
/// Throws Error{corrupt} for a damaged index, Error{cancelled}.
std::vector<std::string> verify_members(const store::Staging& staging,
                                        const store::Manifest& manifest,
                                        const std::set<std::string>& away,
                                        const std::stop_token& stop);

}  // namespace mastobak::restore
