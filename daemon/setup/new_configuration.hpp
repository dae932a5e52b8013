// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "config/config.hpp"
#include "core/instance.hpp"
#include "daemon/setup/compose_project.hpp"
#include "daemon/setup/polkit_rule.hpp"

namespace mastobak::daemon {

/// What setup has found.
struct NewConfiguration {
    std::string text;   ///< of mastobak.yaml
    PolkitRule rule{};  ///< for units with other names than the usual ones
};

/// Looks for Mastodon on this host, in units or in containers, and creates the database role. Prints
/// what it finds.
/// \param wanted  which Mastodon; empty: the only one on this host
/// \param instance whose configuration it becomes; one with a name needs `wanted`
/// \param may_ask whether the user can be asked
/// Throws Error when there is no Mastodon, or its database server does not answer.
NewConfiguration new_configuration(const WantedMastodon& wanted, const Instance& instance,
                                   bool may_ask);

/// Checks that no other instance of this host stops the same units or containers: each would stop
/// the other's Mastodon, too, and back up a database that still changes.
/// \param config of an instance
/// Throws Error{config} that names the other configuration.
void check_other_instances(const config::Config& config);

}  // namespace mastobak::daemon
