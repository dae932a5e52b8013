// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/known_extensions.hpp"

#include <algorithm>
#include <array>

namespace mastobak::postgres {

bool is_known_extension(std::string_view name) {
    constexpr std::array<std::string_view, 67> known{
        // Extensions of PostgreSQL itself (postgresql-contrib).
        "plpgsql", "adminpack", "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext",
        "cube", "dblink", "dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch",
        "hstore", "insert_username", "intagg", "intarray", "isn", "lo", "ltree", "moddatetime",
        "old_snapshot", "pageinspect", "pg_buffercache", "pg_freespacemap", "pg_logicalinspect",
        "pg_prewarm", "pg_stat_statements", "pg_surgery", "pg_trgm", "pg_visibility",
        "pg_walinspect", "pgcrypto", "pgrowlocks", "pgstattuple", "postgres_fdw", "refint", "seg",
        "sslinfo", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent",
        "uuid-ossp", "xml2",
        // Languages: trusted ones, and untrusted ones, in which the owner may not create functions.
        "plperl", "pltcl", "plperlu", "pltclu", "plpython3u",
        // Extensions of other packages.
        "vector", "pgroonga", "pg_bigm", "rum", "postgis", "postgis_topology", "ip4r", "hypopg",
        "pg_repack", "prefix", "semver", "pg_similarity", "hll", "pg_qualstats"};
    return std::find(known.begin(), known.end(), name) != known.end();
}

}  // namespace mastobak::postgres
