// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/extension_tables.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "postgres/names.hpp"
#include "postgres/restore/restore_output.hpp"

namespace mastobak::postgres {
namespace {

/// Lists what the role $1 lacks: the use of a schema, or of a table or sequence.
constexpr auto not_permitted = R"(
WITH filled AS (SELECT c.oid, c.relkind, c.relnamespace
                FROM pg_extension e, unnest(e.extconfig) AS config JOIN pg_class c ON c.oid = config)
SELECT DISTINCT 'USAGE', 'SCHEMA ' || format('%I', n.nspname)
FROM filled f JOIN pg_namespace n ON n.oid = f.relnamespace
WHERE NOT has_schema_privilege($1::name, n.oid, 'USAGE')
UNION ALL
SELECT 'SELECT, INSERT', 'TABLE ' || oid::regclass FROM filled
WHERE relkind <> 'S' AND NOT (has_table_privilege($1::name, oid, 'INSERT') AND
                              has_table_privilege($1::name, oid, 'SELECT'))
UNION ALL
SELECT 'SELECT, UPDATE', 'SEQUENCE ' || oid::regclass FROM filled
WHERE relkind = 'S' AND NOT (has_sequence_privilege($1::name, oid, 'UPDATE') AND
                             has_sequence_privilege($1::name, oid, 'SELECT')))";

}  // namespace

void ExtensionTables::let_load(Connection& admin, const std::string& role) {
    role_ = role;
    for (const auto& row : admin.query(not_permitted, {role})) {
        const Grant grant{row[0].value_or(""), row[1].value_or("")};
        const auto failure = admin.attempt(
            fmt::format("GRANT {} ON {} TO {}", grant.privileges, grant.object, sql_name(role)));
        if (failure && !is_of_rights(failure->error.text())) throw failure->error;
        if (!failure) granted_.push_back(grant);
    }
}

void ExtensionTables::revoke(Connection& admin) const {
    for (const auto& grant : granted_)
        admin.query(fmt::format("REVOKE {} ON {} FROM {}", grant.privileges, grant.object,
                                sql_name(role_)));
}

}  // namespace mastobak::postgres
