// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "scrub/scrub.hpp"

namespace mastobak::scrub {

/// An object that is known to be damaged, and what can be done about it.
struct Repair {
    std::string place;   ///< where it is damaged
    std::string object;  ///< "media/x.tar"; "sets/S/manifest.json": the description of a set
    Damage damage;
    std::string source;   ///< "remote 'b2'", "staging", "files of the disk"; empty: none was found
    std::string problem;  ///< why it is not healed; empty: it is, or can be
    enum class State { can_be_healed, cannot_be_healed, healed, was_whole } state{};
};

struct RepairOptions {
    std::string from{};  ///< the only place that is taken for whole; empty: any
    /// Root of the media on this host, whose unchanged files can make a pack whole; empty: none.
    std::filesystem::path media{};
};

/// Looks again at all that the ledgers, and the marks of sets, call damaged, and for a place that
/// has it whole, as far as sizes and ledgers tell. Changes nothing but the ledgers.
/// Throws Error{staging}, Error{cancelled}; a remote that does not answer is a problem of what is
/// there.
std::vector<Repair> plan_repairs(const Services& services, const RepairOptions& options);

/// Heals what can be healed. A whole object comes under another name and is read back before it
/// changes places with the damaged one, which is removed then. Only for who holds the lock of
/// staging.
/// \param each called before each one
/// Throws as plan_repairs() does; what was healed until then is.
void repair(const Services& services, const RepairOptions& options, std::vector<Repair>& repairs,
            const std::function<void(const Repair&)>& each = {});

}  // namespace mastobak::scrub
