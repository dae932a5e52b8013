// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Every key of the file, each with the reader that puts its value into this configuration.
std::vector<Key> keys_of(Config& config);

/// A key of an entry of `offsite:`.
struct RemoteKey {
    Key key;
    std::vector<RemoteType> types;  ///< that have it; empty: all
};

std::vector<RemoteKey> keys_of(Remote& remote);

std::vector<Key> keys_of(Retention& retention);

/// The list `offsite:`: names are unique, each entry has the keys of its type and no others.
Reader remotes(std::vector<Remote>& out);

}  // namespace mastobak::config
