// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/owners.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/contents/normalised_sql.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

constexpr auto plain_roles = R"(
SELECT r.rolname FROM pg_roles r
WHERE NOT (r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls)
  AND NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                  WHERE m.member = r.oid AND (g.rolsuper OR g.rolname ~ '^pg_')))";

// Finds a relation if no code of it would run as its owner.
constexpr auto quiet = R"(
SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
  AND NOT EXISTS (SELECT FROM pg_statistic_ext s WHERE s.stxrelid = c.oid)
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid
                  AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
  AND c.relkind <> 'm')";

constexpr auto routine = R"(
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.oid = to_regprocedure(quote_ident($1) || '.' || quote_ident($2) || $3)
  AND NOT p.prosecdef)";

class Giver {
 public:
    /// \param superuser whether the connection is a superuser's; otherwise no owner is changed
    Giver(Connection& database, bool superuser) : database_(database) {
        if (!superuser) return;
        for (auto& row : database_.query(plain_roles)) plain_.insert(row[0].value_or(""));
    }

    /// \return whether the object belongs to its former owner now
    bool give(const TocEntry& entry) {
        if (!plain_.contains(entry.owner)) return false;
        const auto what = object(entry);
        if (!what) return false;
        try {
            database_.query(fmt::format("ALTER {} OWNER TO {}", *what, sql_name(entry.owner)));
            return true;
        } catch (const Error& error) {
            if (error.code() != Errc::database) throw;
            return false;
        }
    }

 private:
    /// Returns "TABLE public.x" with quoted names; nullopt if the object must not be given away.
    std::optional<std::string> object(const TocEntry& entry) {
        const auto& kind = entry.kind;
        if (kind == "SCHEMA") return "SCHEMA " + sql_name(entry.name);
        if (kind == "TYPE" || kind == "DOMAIN")
            return fmt::format("{} {}.{}", kind, sql_name(entry.schema), sql_name(entry.name));
        if (kind == "FUNCTION" || kind == "PROCEDURE") {
            const auto cut = entry.name.find('(');
            if (cut == std::string::npos) return std::nullopt;
            const auto rows = database_.query(
                routine, {entry.schema, entry.name.substr(0, cut), entry.name.substr(cut)});
            if (rows.empty()) return std::nullopt;
            return "ROUTINE " + rows[0][0].value_or("");
        }
        if (kind != "TABLE" && kind != "VIEW" && kind != "SEQUENCE") return std::nullopt;
        if (database_.query(quiet, {entry.schema, entry.name}).empty()) return std::nullopt;
        return fmt::format("{} {}.{}", kind, sql_name(entry.schema), sql_name(entry.name));
    }

    Connection& database_;
    std::set<std::string> plain_;
};

/// Returns whether objects of this kind have an owner of their own.
bool is_owned(const TocEntry& entry) {
    for (const std::string_view kind :
         {"TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FUNCTION", "PROCEDURE", "TYPE",
          "DOMAIN", "SCHEMA", "AGGREGATE", "OPERATOR", "COLLATION", "CONVERSION",
          "TEXT SEARCH DICTIONARY", "TEXT SEARCH CONFIGURATION"})
        if (entry.kind == kind) return true;
    return false;
}

/// Returns the statement that would change the owner. Its kind and name are untrusted data of the
/// set, so a person has to read it first.
LeftOut left_with(const TocEntry& entry, const std::string& owner) {
    const auto name = entry.schema.empty()
                          ? entry.name
                          : fmt::format("{}.{}", sql_name(entry.schema), entry.name);
    return {fmt::format("owner of {}", entry.to_string()),
            fmt::format("ALTER {} {} OWNER TO {};\n", entry.kind, name, sql_name(owner))};
}

constexpr auto owners_of_relations = R"(
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S'))";

// pg_shdepend does not list the objects of the bootstrap superuser. Members of an extension are
// left out, because the extension determines their owner.
constexpr auto others_objects = R"(
SELECT pg_describe_object(s.classid, s.objid, 0), pg_get_userbyid(s.refobjid) FROM pg_shdepend s
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o'
  AND s.classid NOT IN ('pg_class'::regclass, 'pg_extension'::regclass)
  AND pg_get_userbyid(s.refobjid) <> ALL ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = s.classid AND d.objid = s.objid
                  AND d.deptype = 'e')
ORDER BY 1 LIMIT 100)";

/// Compares the owners that the objects should have with those that they have.
class OwnersToBe {
 public:
    explicit OwnersToBe(const std::string& owner) : owner_(owner), roles_{owner} {}

    void add(const TocEntry& entry, const std::string& role) {
        roles_.insert(role);
        for (const std::string_view kind : {"TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE"})
            if (entry.kind == kind)
                relations_.insert_or_assign({entry.schema, entry.name}, std::pair(&entry, role));
    }

    std::vector<LeftOut> compare(Connection& database) const {
        std::vector<LeftOut> others;
        for (const auto& row : database.query(owners_of_relations)) {
            const auto found = relations_.find({row[0].value_or(""), row[1].value_or("")});
            if (found == relations_.end() || row[2] == found->second.second) continue;
            others.push_back(left_with(*found->second.first, found->second.second));
        }
        std::string allowed;
        for (const auto& role : roles_) allowed += (allowed.empty() ? "{" : ",") + in_array(role);
        for (const auto& row : database.query(others_objects, {allowed + "}"}))
            others.push_back(
                {"owner of " + row[0].value_or(""),
                 fmt::format("-- {} belongs to {}, not to {}\n", readable(row[0].value_or("")),
                             readable(sql_name(row[1].value_or(""))), readable(sql_name(owner_)))});
        return others;
    }

 private:
    /// Source: PostgreSQL's documentation, 8.15.6
    static std::string in_array(const std::string& name) {
        std::string text = "\"";
        for (const char c : name) {
            if (c == '"' || c == '\\') text += '\\';
            text += c;
        }
        return text + "\"";
    }

    const std::string owner_;
    std::set<std::string> roles_;
    std::map<std::pair<std::string, std::string>, std::pair<const TocEntry*, std::string>>
        relations_;
};

constexpr auto unusable = R"(
SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
  AND NOT (has_schema_privilege($1, n.oid, 'USAGE') AND
           CASE c.relkind WHEN 'S' THEN has_sequence_privilege($1, c.oid, 'USAGE')
                ELSE has_table_privilege($1, c.oid, 'SELECT') AND
                     (c.relkind IN ('v', 'm') OR (has_table_privilege($1, c.oid, 'INSERT') AND
                      has_table_privilege($1, c.oid, 'UPDATE') AND
                      has_table_privilege($1, c.oid, 'DELETE'))) END))";

/// Splits the definition of an ACL entry into its statements.
std::vector<std::string> statements_of(const TocEntry& entry) {
    std::vector<std::string> statements;
    std::string_view rest = entry.definition;
    while (!rest.empty()) {
        const auto end = rest.find(";\n");
        const auto size = end == rest.npos ? rest.size() : end + 2;
        statements.emplace_back(rest.substr(0, size));
        rest.remove_prefix(size);
    }
    return statements;
}

/// Returns whether a statement ends in "TO role" or "FROM role".
/// \param tokens tokens of the statement, one on each line
bool is_about(std::string_view tokens, const std::string& role) {
    constexpr std::string_view option = "WITH\nGRANT\nOPTION\n;\n";
    if (tokens.ends_with(option)) tokens.remove_suffix(option.size());
    if (tokens.ends_with(";\n")) tokens.remove_suffix(2);
    for (const auto& name : {role + "\n", sql_name(role) + "\n"})
        for (const std::string_view word : {"\nTO\n", "\nFROM\n"})
            if (tokens.ends_with(std::string(word) + name)) return true;
    return false;
}

}  // namespace

std::vector<LeftOut> give_to_owners(Connection& database, const DumpContents& contents,
                                    const DumpedDatabase& dumped, const std::string& owner,
                                    bool superuser) {
    std::vector<LeftOut> kept;
    Giver giver(database, superuser);
    OwnersToBe to_be(owner);
    for (const auto& entry : contents.entries) {
        if (!is_owned(entry)) continue;
        const bool others = !entry.owner.empty() && entry.owner != owner &&
                            entry.owner != dumped.owner && entry.owner != "pg_database_owner";
        const bool is_public = entry.kind == "SCHEMA" && entry.name == "public";
        const bool given = others && !is_public && giver.give(entry);
        if (contents.made.contains(entry.id)) to_be.add(entry, given ? entry.owner : owner);
        if (others && !is_public && !given) kept.push_back(left_with(entry, entry.owner));
    }
    for (auto& other : to_be.compare(database)) kept.push_back(std::move(other));
    return kept;
}

bool let_use(Connection& database, const std::string& role) {
    const auto found =
        database.query("SELECT FROM pg_roles WHERE rolname = $1 AND NOT rolsuper", {role});
    if (found.empty()) return false;
    const auto schemas = database.query(unusable, {role});
    for (const auto& row : schemas) {
        const auto schema = sql_name(row[0].value_or("")), to = sql_name(role);
        database.query(fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO {}", schema, to));
        for (const auto* kind : {"TABLES", "SEQUENCES"})
            database.query(fmt::format("GRANT ALL ON ALL {} IN SCHEMA {} TO {}", kind, schema, to));
    }
    return !schemas.empty();
}

std::vector<LeftOut> lost_privileges(const std::vector<TocEntry>& made,
                                     const std::vector<TocEntry>& there) {
    std::set<std::string> effective;
    for (const auto& entry : there)
        if (entry.kind == "ACL")
            for (const auto& statement : statements_of(entry))
                effective.insert(normalised(statement));
    std::vector<LeftOut> lost;
    for (const auto& entry : made) {
        if (entry.kind != "ACL") continue;
        std::string statements;
        for (const auto& statement : statements_of(entry)) {
            const auto tokens = normalised(statement);
            if (!effective.contains(tokens) && !is_about(tokens, entry.owner))
                statements += statement;
        }
        if (!statements.empty()) lost.push_back({entry.to_string(), std::move(statements)});
    }
    return lost;
}

std::vector<LeftOut> lost_comments(const DumpContents& contents,
                                   const std::vector<TocEntry>& there) {
    std::set<std::string> effective;
    for (const auto& entry : there)
        if (entry.kind == "COMMENT") effective.insert(normalised(entry.definition));
    std::vector<LeftOut> lost;
    for (const auto& entry : contents.entries) {
        const bool is_made = std::ranges::any_of(
            entry.dependencies, [&](const auto id) { return contents.made.contains(id); });
        if (entry.kind == "COMMENT" && entry.name.starts_with("EXTENSION ") && is_made &&
            !effective.contains(normalised(entry.definition)))
            lost.push_back({entry.to_string(), entry.definition});
    }
    return lost;
}

}  // namespace mastobak::postgres
