// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "media/index/index.hpp"
#include "scrub/ledger.hpp"

namespace mastobak::daemon {

/// What is known to be damaged of a set at a place: from the ledger, which the scrub and `verify`
/// write, and from the last drill of the set. A restore may find less or more.
class KnownDamage {
 public:
    KnownDamage() = default;
    /// \param source as restore::SetSource::name() has it: "remote 'b2'", "'/path/of/staging'"
    KnownDamage(const config::Config& config, const std::string& source, const std::string& set);

    /// For people, one line each: objects with the first of their files, then files and tables.
    /// \param most of files and tables that are named
    std::vector<std::string> lines(std::size_t most) const;
    bool any() const { return !objects_.empty() || !drilled_.empty(); }

    /// What is said at the line of a file: "DAMAGED: its contents changed; whole at staging", or
    /// that its pack is damaged where it is not known whether the file is; empty: neither is known.
    std::string of(const media::Entry& entry) const;

 private:
    struct Pack {
        scrub::Damage damage;
        std::set<std::string> members;  ///< as readable() has them
        bool all_known = false;         ///< no other member of the set is damaged
    };

    std::map<std::string, scrub::Damage> objects_;
    std::map<std::string, Pack, std::less<>> packs_;
    std::vector<std::string> drilled_;  ///< "a drill of … on … found: table 'x' …"
};

}  // namespace mastobak::daemon
