// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/given_database.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace {

constexpr auto relations = R"(
SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid
                  AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e'))";

constexpr auto given = R"(
SELECT FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles me ON me.rolname = current_user
WHERE d.datname = $1 AND pg_has_role(d.datdba, 'USAGE')
  AND NOT (me.rolsuper OR me.rolcreatedb OR me.rolcreaterole))";

// Objects that are dropped together with one of these need not be listed.
constexpr auto objects = R"(
SELECT upper(i.type), i.identity, o.class || ' ' || o.oid FROM (
    SELECT 'pg_extension'::regclass AS class, oid, 0 AS space FROM pg_extension
    UNION ALL SELECT 'pg_publication'::regclass, oid, 0 FROM pg_publication
    UNION ALL SELECT 'pg_largeobject'::regclass, oid, 0 FROM pg_largeobject_metadata
    UNION ALL SELECT 'pg_namespace'::regclass, oid, oid FROM pg_namespace
    UNION ALL SELECT 'pg_class'::regclass, oid, relnamespace FROM pg_class
              WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
    UNION ALL SELECT 'pg_type'::regclass, t.oid, typnamespace FROM pg_type t
              LEFT JOIN pg_class r ON r.oid = typrelid
              WHERE typtype IN ('e', 'd', 'r') OR r.relkind = 'c'
    UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator
    UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace FROM pg_collation
    UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace FROM pg_conversion
    UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace FROM pg_ts_dict) o
CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, 0) i
LEFT JOIN pg_namespace n ON n.oid = o.space
WHERE coalesce(n.nspname, '') !~ '^pg_' AND coalesce(n.nspname, '') <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid
                  AND d.deptype IN ('e', 'i')))";

}  // namespace

bool is_empty(Settings settings, const std::string& database) {
    settings.database = database;
    Connection connection(settings);
    return connection.value(relations) == "0";
}

bool is_given(Connection& connection, const Settings& settings, const std::string& database) {
    return !connection.query(given, {database}).empty() && is_empty(settings, database);
}

GivenDatabase::GivenDatabase(const Settings& settings) : settings_(settings) {
    Connection connection(settings_);
    for (const auto& row : connection.query(objects)) before_.insert(row[2].value_or(""));
}

void GivenDatabase::restore() const noexcept {
    try {
        Connection connection(settings_);
        for (const auto& row : connection.query(objects)) {
            if (before_.contains(row[2].value_or(""))) continue;
            const auto &kind = row[0].value_or(""), &name = row[1].value_or("");
            try {
                connection.query(kind == "LARGE OBJECT"
                                     ? fmt::format("SELECT lo_unlink({})", name)
                                     : fmt::format("DROP {} IF EXISTS {} CASCADE", kind, name));
            } catch (const Error&) {
                // It was dropped together with another object.
            }
        }
    } catch (const Error&) {
        // The failure of the restore itself is reported instead.
    }
}

}  // namespace mastobak::postgres
