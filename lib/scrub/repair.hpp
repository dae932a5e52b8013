// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "scrub/scrub.hpp"

namespace mastobak::scrub {

/// An object that is known to be damaged, and whether it can be repaired.
struct Repair {
    std::string place;  ///< where it is damaged
    /// "media/x.tar"; "sets/S/manifest.json" stands for the description of a set.
    std::string object;
    Damage damage;
    /// "remote 'b2'", "staging", "files of the disk"; empty when no source was found.
    std::string source;
    /// Why the object cannot be repaired; empty when it can be, or was.
    std::string problem;
    enum class State { can_be_healed, cannot_be_healed, healed, was_whole } state{};
};

struct RepairOptions {
    std::string from{};  ///< the only place that may be the source; empty: any place
    /// Root of the media on this host, whose unchanged files can be used to rebuild a pack; empty:
    /// not used.
    std::filesystem::path media{};
};

/// Checks again all objects that the ledgers and the marks of sets call damaged, and looks for a
/// source that has a good copy, as far as sizes and ledgers show. Changes only the ledgers.
/// Throws Error{staging}, Error{cancelled}. A remote that does not answer is reported as a problem
/// of its objects.
std::vector<Repair> plan_repairs(const Services& services, const RepairOptions& options);

/// Repairs the objects that can be repaired. A good copy is stored under another name and read back
/// before it replaces the damaged object, which is then removed. The caller has to hold the lock of
/// staging.
/// \param each called before each object
/// Throws as plan_repairs() does. Objects that were repaired before that stay repaired.
void repair(const Services& services, const RepairOptions& options, std::vector<Repair>& repairs,
            const std::function<void(const Repair&)>& each = {});

}  // namespace mastobak::scrub
