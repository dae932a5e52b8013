// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "postgres/restore/restore.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Converts the database part of a manifest to the type of lib/postgres.
postgres::DumpedDatabase dumped_database(const store::Manifest& manifest);

}  // namespace mastobak::restore
