// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "postgres/restore/restore.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Converts what a manifest says about its database to the type that lib/postgres takes.
postgres::DumpedDatabase dumped_database(const store::Manifest& manifest);

}  // namespace mastobak::restore
