// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump_contents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace mastobak::postgres {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Returns whether only a superuser may create objects of this kind, or they refer to another
/// server, independent of their definition.
/// Source: PostgreSQL's documentation of CREATE …; src/backend/commands
bool is_of_superusers(std::string_view kind) {
    for (const std::string_view one :
         {"EVENT TRIGGER", "FOREIGN DATA WRAPPER", "SERVER", "USER MAPPING", "FOREIGN TABLE",
          "ACCESS METHOD", "OPERATOR CLASS", "OPERATOR FAMILY", "TEXT SEARCH PARSER",
          "TEXT SEARCH TEMPLATE", "PROCEDURAL LANGUAGE", "SHELL TYPE", "SUBSCRIPTION",
          "SUBSCRIPTION TABLE", "PUBLICATION TABLES IN SCHEMA", "TRANSFORM", "SECURITY LABEL",
          "DEFAULT ACL"})
        if (kind == one) return true;
    return false;
}

/// Returns whether a superuser may safely create this extension in a database in which no SQL of a
/// set has run yet. These are the extensions that come with PostgreSQL, and well-known ones of
/// packages. They grant no rights that the owner of the database should not have.
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

bool is_function(const TocEntry& entry) {
    return entry.kind == "FUNCTION" || entry.kind == "PROCEDURE";
}

bool needs_superuser(const TocEntry& entry) {
    if (is_of_superusers(entry.kind)) return true;
    if (entry.kind == "PUBLICATION") return contains(entry.definition, " FOR ALL ");
    if (entry.kind == "CAST") return contains(entry.definition, "WITHOUT FUNCTION");
    if (entry.kind == "TYPE") return contains(entry.definition, "\n    INTERNALLENGTH = ");
    if (entry.kind == "AGGREGATE") return contains(entry.definition, "STYPE = internal");
    if (entry.kind == "EXTENSION") return !is_known_extension(entry.name);
    if (!is_function(entry)) return false;
    const auto attributes = function_attributes(entry);
    const auto language = attributes.substr(0, attributes.find(' '));
    return language == "c" || language == "internal" ||
           (language.starts_with("pl") && language.ends_with('u')) ||
           contains(attributes, " LEAKPROOF") || contains(attributes, " SUPPORT ");
}

/// Returns "public" for "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;".
std::string schema_of_extension(const std::string& definition) {
    constexpr std::string_view mark = " WITH SCHEMA ";
    const auto at = definition.rfind(mark);
    if (at == std::string::npos) return "public";
    std::string name;
    bool quoted = false;
    for (auto i = at + mark.size(); i < definition.size(); ++i) {
        const char c = definition[i];
        if (c == '"') {
            if (quoted && i + 1 < definition.size() && definition[i + 1] == '"')
                name += definition[i++];
            else
                quoted = !quoted;
        } else if (!quoted && (c == ';' || c == ' ' || c == '\n')) {
            break;
        } else {
            name += c;
        }
    }
    return name;
}

/// Returns whether an entry creates a table with generated columns.
bool is_generated(const TocEntry& entry) {
    return contains(entry.definition, " GENERATED ALWAYS AS (");
}

/// Returns whether an entry is skipped without being listed as left out: properties of the database
/// itself, and comments of extensions.
bool is_passed_over(const TocEntry& entry) {
    const bool about = entry.kind == "COMMENT" || entry.kind == "ACL";
    return entry.kind == "ENCODING" || entry.kind == "STDSTRINGS" || entry.kind == "SEARCHPATH" ||
           entry.kind == "DATABASE" || entry.kind == "SUBSCRIPTION TABLE" ||
           (about && entry.name.starts_with("DATABASE ")) ||
           (entry.kind == "COMMENT" && entry.name.starts_with("EXTENSION "));
}

class Sorter {
 public:
    explicit Sorter(const std::set<std::int64_t>& refused) : refused_(refused) {}

    DumpContents sort(std::vector<TocEntry> entries) {
        for (const auto& entry : entries)
            if (is_function(entry) || entry.kind == "OPERATOR") functions_.insert(entry.id);
        std::set<std::int64_t> out = refused_;
        for (const auto& entry : entries)
            if (needs_superuser(entry)) out.insert(entry.id);
        out = with_dependents(entries, std::move(out));
        for (const auto& entry : entries) {
            if (is_passed_over(entry)) continue;
            begin_definitions(entry);
            if (!entry.tablespace.empty()) contents_.tablespaces.insert(entry.tablespace);
            if (entry.kind == "DATABASE PROPERTIES")
                contents_.settings.push_back(entry.definition);
            else if (out.contains(entry.id))
                leave_out(entry);
            else
                take(entry);
        }
        contents_.entries = std::move(entries);
        return std::move(contents_);
    }

 private:
    void leave_out(const TocEntry& entry) {
        if (entry.kind == "TABLE DATA")
            contents_.tables_left_out.insert(entry.schema + "." + entry.name);
        // Entries of rows do not have a definition.
        if (!entry.definition.empty())
            contents_.left_out.push_back({entry.to_string(), entry.definition});
    }

    void take(const TocEntry& entry) {
        contents_.made.insert(entry.id);
        if (entry.kind == "EXTENSION") {
            contents_.extensions.push_back(
                {entry.name, schema_of_extension(entry.definition), entry.id});
        } else if (entry.kind == "SCHEMA") {
            if (entry.name != "public") contents_.schemas.push_back(entry.name);
        } else if (is_code(entry)) {
            contents_.code.insert(entry.id);
        } else if (entry.kind == "TABLE DATA" && needs_one_of(entry, late_)) {
            contents_.late_rows.insert(entry.id);
        } else {
            auto* group = group_of(entry);
            groups_[entry.id] = group;
            group->append(fmt::format("{};\n", entry.id));
        }
    }

    static bool needs_one_of(const TocEntry& entry, const std::set<std::int64_t>& ids) {
        return std::any_of(entry.dependencies.begin(), entry.dependencies.end(),
                           [&ids](auto id) { return ids.contains(id); });
    }

    /// Begins another list of definitions if the entry calls a function of the last list. This must
    /// not depend on what is left out, as the number of lists may not change.
    void begin_definitions(const TocEntry& entry) {
        if (functions_.contains(entry.id)) recent_functions_.insert(entry.id);
        const bool calls = is_generated(entry) || contains(entry.definition, "\nPARTITION BY ");
        if (!calls || !needs_one_of(entry, recent_functions_)) return;
        contents_.definitions.emplace_back();
        recent_functions_.clear();
    }

    bool is_code(const TocEntry& entry) const {
        if (entry.kind == "MATERIALIZED VIEW DATA") return true;
        if (entry.kind == "INDEX ATTACH" || entry.kind == "COMMENT")
            return needs_one_of(entry, contents_.code);
        return (entry.kind == "INDEX" || entry.kind == "CONSTRAINT") &&
               needs_one_of(entry, functions_);
    }

    std::string* group_of(const TocEntry& entry) {
        const auto is = [&](std::initializer_list<std::string_view> kinds) {
            return std::find(kinds.begin(), kinds.end(), entry.kind) != kinds.end();
        };
        if (is({"ACL"})) return &contents_.grants;
        if (is({"POLICY", "ROW SECURITY", "PUBLICATION", "PUBLICATION TABLE"}))
            return &contents_.last;
        // A check of a domain that is NOT VALID, so rows may violate it. It has to be created after
        // the rows are loaded, but its entry does not depend on a table, so pg_restore's jobs could
        // create it earlier.
        if (is({"CHECK CONSTRAINT"}) && entry.definition.starts_with("ALTER DOMAIN "))
            return &contents_.last;
        if (is({"FK CONSTRAINT"})) return &contents_.foreign_keys;
        // A comment is restored together with its object.
        if (is({"COMMENT"}))
            for (const auto id : entry.dependencies)
                if (const auto group = groups_.find(id); group != groups_.end())
                    return group->second;
        const bool later = entry.section == TocEntry::Section::data ||
                           entry.section == TocEntry::Section::post_data;
        if (is_generated(entry) && needs_one_of(entry, functions_)) late_.insert(entry.id);
        if (!later) return &contents_.definitions.back();
        if (!needs_one_of(entry, late_)) return &contents_.rest;
        late_.insert(entry.id);
        return &contents_.late;
    }

    const std::set<std::int64_t>& refused_;
    DumpContents contents_;
    std::set<std::int64_t> functions_;         ///< ids of functions and operators
    std::set<std::int64_t> recent_functions_;  ///< those of the last list of definitions
    /// Ids of tables whose generated columns call functions, and of what is created after them.
    std::set<std::int64_t> late_;
    std::map<std::int64_t, std::string*> groups_;
};

}  // namespace

std::string function_attributes(const TocEntry& entry) {
    constexpr std::string_view mark = "\n    LANGUAGE ";
    const auto at = entry.definition.find(mark);
    if (at == std::string::npos) return {};
    const auto begin = at + mark.size();
    return entry.definition.substr(begin, entry.definition.find('\n', begin) - begin);
}

std::set<std::int64_t> with_dependents(const std::vector<TocEntry>& entries,
                                       std::set<std::int64_t> ids) {
    for (bool more = !ids.empty(); more;) {
        more = false;
        for (const auto& entry : entries)
            for (const auto id : entry.dependencies)
                if (ids.contains(id) && ids.insert(entry.id).second) more = true;
    }
    return ids;
}

DumpContents sort_contents(std::vector<TocEntry> entries, const std::set<std::int64_t>& refused) {
    return Sorter(refused).sort(std::move(entries));
}

std::vector<LeftOut> left_out_of(const dumps::StoredDump& dump, const std::stop_token& stop) {
    auto left_out = sort_contents(read_compressed_toc(dump, stop)).left_out;
    // The report of each restore lists default privileges; a backup need not report them.
    std::erase_if(left_out, [](const auto& one) { return one.what.starts_with("DEFAULT ACL"); });
    return left_out;
}

std::string names_of(const std::vector<LeftOut>& left_out) {
    constexpr std::size_t most = 5;
    std::string names;
    for (std::size_t i = 0; i < std::min(left_out.size(), most); ++i)
        names += (i == 0 ? "" : ", ") + left_out[i].what;
    if (left_out.size() > most) names += fmt::format(" and {} more", left_out.size() - most);
    return names;
}

}  // namespace mastobak::postgres
