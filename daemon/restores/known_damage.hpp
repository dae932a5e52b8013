// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "media/index/index.hpp"
#include "scrub/ledger.hpp"

namespace mastobak::daemon {

/// The known damage of a set at one place, from the ledger, which the scrub and `verify` write, and
/// from the last drill of the set. A restore may find less or more damage.
class KnownDamage {
 public:
    KnownDamage() = default;
    /// \param source the name of a restore::SetSource: "remote 'b2'", "'/path/of/staging'"
    KnownDamage(const config::Config& config, const std::string& source, const std::string& set);

    /// Returns lines for people: the damaged objects, then the damaged files and tables.
    /// \param most the maximum number of files and tables to name
    std::vector<std::string> lines(std::size_t most) const;
    bool any() const { return !objects_.empty() || !drilled_.empty(); }

    /// Returns the known damage of a file: "DAMAGED: …", or "MAY BE DAMAGED: …" if its pack is
    /// damaged and the damaged members are not all known; empty when no damage is known.
    std::string of(const media::Entry& entry) const;

 private:
    struct Pack {
        scrub::Damage damage;
        std::set<std::string> members;  ///< as readable() writes them
        bool all_known = false;         ///< all other members of this set are good
    };

    std::map<std::string, scrub::Damage> objects_;
    std::map<std::string, Pack, std::less<>> packs_;
    std::vector<std::string> drilled_;  ///< "a drill of … on … found: table 'x' …"
};

}  // namespace mastobak::daemon
