// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// A set that a remote has: one whose manifest is there.
struct RemoteSet {
    std::string name;
    std::string damage;  ///< its manifest cannot be read, or something that it names is not listed
                         ///< with its size; empty: it is good
};

/// Which sets of a remote go, told all that it has (oldest first).
using ChooseSets = std::function<std::vector<std::string>(const std::vector<RemoteSet>& sets)>;

/// What was removed from a remote, or would be.
struct PrunedRemote {
    std::vector<std::string> sets;
    std::vector<std::string> packs;
    Bytes freed;
    std::string refusal;                ///< why it lets nothing be removed (append-only, object
                                        ///< lock); empty: it does
    std::vector<std::string> warnings;  ///< manifests that cannot be read: no pack is removed then
};

/// Removes from a remote the sets that are chosen, and then the packs that no set of those left
/// there needs. A set goes manifest first, so that it is never seen half removed.
///
/// The caller sees to it that nothing is being uploaded there, that the newest set is there
/// completely, and that one call of this remote goes on at a time.
/// \param scratch a directory for what is fetched; removed again
/// \param dry_run look only
/// Throws Error{offsite}, Error{cancelled}. A remote that forbids deleting is no error.
PrunedRemote prune_remote(Remote& remote, const ChooseSets& choose,
                          const std::filesystem::path& scratch, bool dry_run, std::stop_token stop);

}  // namespace mastobak::offsite
