// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/entries.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Returns all keys of the file, each with the reader that stores its value in this configuration.
std::vector<Key> keys_of(Config& config);

/// Return the keys in an entry of `offsite:` and of `notify:`.
std::vector<TypedKey<RemoteType>> keys_of(Remote& remote);
std::vector<TypedKey<NotifyType>> keys_of(NotifyTarget& target);

std::vector<Key> keys_of(Retention& retention);

/// Returns a reader for the list `offsite:`. It checks that names are unique, and that each entry
/// has only keys of its type.
Reader remotes(std::vector<Remote>& out);
/// Does the same for the list `notify:`.
Reader notify_targets(std::vector<NotifyTarget>& out);

/// Adds a problem to `reading` for each combination of values that is not valid.
void check(const Config& config, Reading& reading);

/// Returns the candidate with the smallest edit distance (a character inserted, removed, replaced,
/// or swapped with its neighbour); empty when no candidate is similar enough.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mastobak::config
