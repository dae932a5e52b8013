// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Returns all keys of the file, each with the reader that stores its value in this configuration.
std::vector<Key> keys_of(Config& config);

/// A key in an entry of `offsite:`.
struct RemoteKey {
    Key key;
    std::vector<RemoteType> types;  ///< types of remotes that have the key; empty: all types
};

std::vector<RemoteKey> keys_of(Remote& remote);

std::vector<Key> keys_of(Retention& retention);

/// Returns a reader for the list `offsite:`. It checks that names are unique, and that each entry
/// has only keys of its type.
Reader remotes(std::vector<Remote>& out);

}  // namespace mastobak::config
