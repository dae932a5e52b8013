// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>

#include "backup/instance_facts.hpp"
#include "backup/plan.hpp"

namespace mastobak::backup {

/// Fills in the database part of a plan: the settings, the facts, the tools. It checks everything
/// about the database that could make a night fail after Mastodon was stopped. It also has pg_dump
/// read all definitions, because pg_dump uses its own connection and rights and waits for locks.
/// \param compose the containers of the project, if Mastodon is in containers
/// \param plan    its `instance` must be known
/// Throws Error{database}, Error{config}, Error{environment}, Error{units}, Error{cancelled}.
void look_at_database(const config::Config& config, const std::optional<ComposeFacts>& compose,
                      Plan& plan, const std::stop_token& stop);

/// Returns the options of pg_dump that the configuration sets.
postgres::DumpOptions dump_options(const config::Config& config);

}  // namespace mastobak::backup
