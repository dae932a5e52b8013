// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Objects of one directory of a remote that are to be removed, and are there.
struct ObjectsToRemove {
    std::string directory;            ///< "sets/S"
    std::vector<std::string> leaves;  ///< "manifest.json"
    bool empties = false;             ///< the directory is one of a set, and nothing is left in it

    std::vector<std::string> names() const;  ///< "sets/S/manifest.json"
};

/// The objects that are there, by directory. Throws as list() does, and Error{internal} for what
/// is not a name.
std::vector<ObjectsToRemove> objects_to_remove(Remote& remote,
                                               const std::vector<std::string>& names,
                                               const std::stop_token& stop);

}  // namespace mastobak::offsite
