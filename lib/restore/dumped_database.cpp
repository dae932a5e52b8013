// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/dumped_database.hpp"

namespace mastobak::restore {

postgres::DumpedDatabase dumped_database(const store::Manifest& manifest) {
    const auto& database = manifest.database;
    return {.server_version = database.server_version,
            .pg_dump_version = database.pg_dump_version,
            .owner = database.owner,
            .mastodon_role = database.mastodon_role,
            .encoding = database.encoding,
            .collation = database.collation,
            .ctype = database.ctype,
            .locale_provider = database.locale_provider,
            .locale = database.locale,
            .schema_version = database.schema_version,
            .settings = database.settings,
            .rows = database.rows};
}

}  // namespace mastobak::restore
