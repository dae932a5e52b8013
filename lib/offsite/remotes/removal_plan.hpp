// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// The existing objects of one directory of a remote that are to be removed.
struct ObjectsToRemove {
    std::string directory;            ///< "sets/S"
    std::vector<std::string> leaves;  ///< "manifest.json"
    bool empties = false;             ///< the directory belongs to a set and becomes empty

    std::vector<std::string> names() const;  ///< "sets/S/manifest.json"
};

/// Returns the existing objects among these names, by directory.
/// Throws as list() does, and Error{internal} for an invalid name.
std::vector<ObjectsToRemove> objects_to_remove(Remote& remote,
                                               const std::vector<std::string>& names,
                                               const std::stop_token& stop);

}  // namespace mastobak::offsite
