// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "postgres/dump/dump.hpp"

namespace mastobak::postgres {

/// Does what try_dump() does with the definitions of a snapshot, which only the server that has
/// exported it knows.
/// Throws Error{database}, Error{cancelled}.
void try_snapshot(const Settings& settings, const Tools& tools, const std::string& snapshot_id,
                  const DumpOptions& options, std::stop_token stop);

}  // namespace mastobak::postgres
