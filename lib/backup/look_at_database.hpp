// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "backup/plan.hpp"

namespace mastobak::backup {

/// Fills in what a plan says of the database: where it is, its facts, the tools. Asks all that
/// would stop a night after Mastodon was stopped, and has pg_dump read all definitions, as it will
/// later: over its own connection, with its own rights, and waiting for the same locks.
/// \param plan whose instance is known
/// Throws Error{database}, Error{config}, Error{environment}, Error{cancelled}.
void look_at_database(const config::Config& config, Plan& plan, std::stop_token stop);

/// pg_dump's options, as the configuration has them.
postgres::DumpOptions dump_options(const config::Config& config);

}  // namespace mastobak::backup
