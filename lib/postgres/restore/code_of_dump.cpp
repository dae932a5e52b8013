// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/code_of_dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

// Functions with a body that was parsed when they were created (prosqlbody, since PostgreSQL 14)
// need no search path, and procedures may not have one if they COMMIT.
constexpr auto pathless_functions = R"(
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind = 'f' AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND to_jsonb(p)->>'prosqlbody' IS NULL AND pg_has_role(p.proowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) one WHERE one LIKE 'search_path=%')
  AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
              AND d.deptype = 'e') = $1::boolean)";

// The checks that call functions or operators of the database, of tables and of domains. Checks
// that are only inherited are dropped and added together with those of the parent.
constexpr auto checks_with_code = R"(
SELECT format('CHECK CONSTRAINT %s %s', of.name, c.conname), format('%s %s', of.kind, of.name),
       format('%I', c.conname), pg_get_constraintdef(c.oid),
       format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname,
              CASE of.kind WHEN 'TABLE' THEN of.name ELSE 'DOMAIN ' || of.name END,
              obj_description(c.oid, 'pg_constraint')),
       obj_description(c.oid, 'pg_constraint') IS NOT NULL
FROM pg_constraint c
CROSS JOIN LATERAL (SELECT CASE c.conrelid WHEN 0 THEN 'DOMAIN' ELSE 'TABLE' END AS kind,
                           CASE c.conrelid WHEN 0 THEN c.contypid::regtype::text
                                           ELSE c.conrelid::regclass::text END AS name) of
WHERE c.contype = 'c' AND c.convalidated AND c.conislocal AND EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = c.oid
    AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.refclassid
                    AND e.objid = d.refobjid AND e.deptype = 'e'))
ORDER BY c.oid)";

// Names a table with all that inherit from it; or a domain.
constexpr auto not_valid_now = R"(
WITH RECURSIVE below(oid) AS (
    SELECT to_regclass($1)::oid UNION SELECT h.inhrelid FROM pg_inherits h, below
    WHERE h.inhparent = below.oid)
SELECT n.nspname || '.' || t.relname FROM below JOIN pg_class t ON t.oid = below.oid
JOIN pg_namespace n ON n.oid = t.relnamespace
UNION ALL
SELECT n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND t.oid = to_regtype($1))";

constexpr auto generated_columns = R"(
SELECT c.oid::regclass, format('%I', a.attname),
       format('GENERATED COLUMN %s %I', c.oid::regclass, a.attname),
       format('%s GENERATED ALWAYS AS (%s) STORED%s', format_type(a.atttypid, a.atttypmod),
              pg_get_expr(d.adbin, d.adrelid), CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END)
FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attgenerated = 's' ORDER BY a.attnum)";

/// Returns the search path that a role has in the database, in the syntax of SET; empty if it is
/// the server's. The statements are those that record() reads (inspect.hpp).
std::string search_path_of(const std::vector<std::string>& settings, const std::string& role) {
    constexpr std::string_view mark = " SET search_path TO ";
    std::map<int, std::string> found;  // a setting of the role in the database comes first
    for (const auto& statement : settings) {
        const auto at = statement.find(mark);
        if (at == std::string::npos) continue;
        const auto who = statement.substr(0, at);
        const auto value =
            statement.substr(at + mark.size(), statement.rfind(';') - at - mark.size());
        if (who.starts_with("ALTER DATABASE ")) found.emplace(1, value);
        for (const auto& name : {role, sql_name(role)}) {
            if (who == "ALTER ROLE " + name) found.emplace(2, value);
            if (who.starts_with("ALTER ROLE " + name + " IN DATABASE ")) found.emplace(0, value);
        }
    }
    return found.empty() ? std::string() : found.begin()->second;
}

/// Returns whether a statement failed because of the code that it calls, and not because of the
/// server, or of the rows themselves: two equal keys are always a fault.
/// Source: PostgreSQL's documentation, appendix A
bool is_of_code(std::string_view sqlstate) {
    for (const std::string_view other :
         {"08", "23505", "40", "53", "55006", "55P03", "57", "58", "F0", "XX"})
        if (sqlstate.starts_with(other)) return false;
    return !sqlstate.empty();
}

}  // namespace

FunctionPaths::FunctionPaths(const DumpedDatabase& dumped) {
    const auto& role = dumped.mastodon_role.empty() ? dumped.owner : dumped.mastodon_role;
    path_ = search_path_of(dumped.settings, role);
    if (path_.empty()) path_ = "\"$user\", public";
    // Another role calls the functions during the restore.
    constexpr std::string_view user = "\"$user\"";
    if (const auto at = path_.find(user); at != std::string::npos)
        path_.replace(at, user.size(), sql_name(role));
    path_ += ", public";
}

void FunctionPaths::set(Connection& connection, Of which) {
    const auto* of_extensions = which == Of::extensions ? "true" : "false";
    for (const auto& row : connection.query(pathless_functions, {of_extensions})) {
        const auto& function = row[0].value_or("");
        connection.query(fmt::format("ALTER FUNCTION {} SET search_path TO {}", function, path_));
        functions_.push_back(function);
    }
}

void FunctionPaths::reset(Connection& connection) {
    for (const auto& function : functions_)
        connection.query(fmt::format("ALTER FUNCTION {} RESET search_path", function));
    functions_.clear();
}

CodeOfDump::CodeOfDump(const Settings& way, std::string role, const DumpedDatabase& dumped,
                       std::stop_token stop)
    : way_(way), role_(std::move(role)), stop_(std::move(stop)), paths_(dumped) {}

void CodeOfDump::set_paths() {
    ConnectionAs connection(way_, role_, stop_);
    paths_.set(connection, FunctionPaths::Of::database);
}

void CodeOfDump::reset_paths() {
    ConnectionAs connection(way_, role_, stop_);
    paths_.reset(connection);
}

void CodeOfDump::drop_checks() {
    ConnectionAs connection(way_, role_, stop_);
    for (const auto& row : connection.query(checks_with_code)) {
        const auto &target = row[1].value_or(""), &name = row[2].value_or("");
        const auto alter = fmt::format("ALTER {}", target);
        connection.query(fmt::format("{} DROP CONSTRAINT {}", alter, name));
        checks_.push_back(
            {row[0].value_or(""), target,
             fmt::format("{} ADD CONSTRAINT {} {} NOT VALID", alter, name, row[3].value_or("")),
             fmt::format("{} VALIDATE CONSTRAINT {};", alter, name),
             row[5] == "t" ? row[4].value_or("") : std::string()});
    }
}

void CodeOfDump::load_late_rows(const Loader& loader, const DumpContents& contents) {
    for (const auto& entry : contents.entries) {
        if (!contents.late_rows.contains(entry.id)) continue;
        const auto list = fmt::format("{};\n", entry.id);
        try {
            loader.restore(list);
        } catch (const Error& error) {
            if (error.code() != Errc::database || !make_ordinary(entry)) throw;
            loader.restore(list);
        }
    }
}

/// Makes ordinary columns of the generated ones of a table.
/// \return false if that is not possible
bool CodeOfDump::make_ordinary(const TocEntry& rows) {
    ConnectionAs connection(way_, role_, stop_);
    for (const auto& row : connection.query(generated_columns, {rows.schema, rows.name})) {
        const auto &table = row[0].value_or(""), &column = row[1].value_or("");
        if (connection.attempt(
                fmt::format("ALTER TABLE ONLY {} ALTER {} DROP EXPRESSION, ALTER {} DROP NOT NULL",
                            table, column, column)))
            return false;
        not_valid_.push_back(
            {row[2].value_or(""), fmt::format("ALTER TABLE {} DROP COLUMN {}, ADD COLUMN {} {};",
                                              table, column, column, row[3].value_or(""))});
    }
    changed_.insert(rows.schema + "." + rows.name);
    return true;
}

void CodeOfDump::add_checks(Connection& connection) {
    for (const auto& check : checks_) connection.query(check.add);
    for (const auto& check : checks_) {
        if (!check.comment.empty()) connection.query(check.comment);
        const auto failure = connection.attempt(check.validate);
        if (!failure) continue;
        // The rows may violate it by now: the tables that it reads have changed since.
        if (!is_of_code(failure->sqlstate)) throw failure->error;
        not_valid_.push_back({check.name, check.validate});
        note_changed(connection, check);
    }
}

void CodeOfDump::note_changed(Connection& connection, const LateCheck& check) {
    const auto name = check.target.substr(check.target.find(' ') + 1);
    for (const auto& row : connection.query(not_valid_now, {name}))
        changed_.insert(row[0].value_or(""));
}

std::set<std::int64_t> CodeOfDump::make(const DumpContents& contents, const std::stop_token& stop) {
    ConnectionAs connection(way_, role_, stop);
    add_checks(connection);
    // As pg_restore does: how the definitions are written, and no wait for the write-ahead log.
    for (const auto& entry : contents.entries)
        if (entry.kind == "ENCODING" || entry.kind == "STDSTRINGS")
            connection.query(entry.definition);
    connection.query("SET synchronous_commit = off");
    std::set<std::int64_t> refused;
    for (const auto& entry : contents.entries) {
        if (!contents.code.contains(entry.id)) continue;
        const auto& needed = entry.dependencies;
        const bool possible = std::none_of(needed.begin(), needed.end(),
                                           [&](auto id) { return refused.contains(id); });
        const auto failure = possible ? connection.attempt(entry.definition) : std::nullopt;
        if (failure && !is_of_code(failure->sqlstate)) throw failure->error;
        if (!possible || failure) refused.insert(entry.id);
    }
    return refused;
}

}  // namespace mastobak::postgres
