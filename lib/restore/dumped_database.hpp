// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "postgres/restore/restore.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// What a manifest says of its database, in the words of lib/postgres.
postgres::DumpedDatabase dumped_database(const store::Manifest& manifest);

}  // namespace mastobak::restore
