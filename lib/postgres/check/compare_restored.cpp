// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/compare_restored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/check/comparison.hpp"
#include "postgres/check/read_rows.hpp"
#include "postgres/contents/partition_roots.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/restore/owners.hpp"
#include "postgres/restore/restore_output.hpp"

namespace mastobak::postgres {
namespace {

/// The drill creates these itself (provide_amcheck), so they are ignored if the dump lacks them.
constexpr auto schema_of_checks = "mastobak_checks", extension_of_checks = "amcheck";

constexpr auto comment_of_public = "SCHEMA public";

/// Returns whether an object is compared. Objects that depend on roles, or that belong to an
/// extension, are not: a restore creates them in another way or not at all. Those that it does not
/// create are left out by name (sort_contents(), lost_comments()).
bool is_compared(const SchemaObject& object) {
    for (const std::string_view kind : {"ACL", "DEFAULT ACL", "SECURITY LABEL", "SUBSCRIPTION",
                                        "SUBSCRIPTION TABLE", "MATERIALIZED VIEW DATA"})
        if (object.kind == kind) return false;
    if (object.kind == "SCHEMA") return object.name != "public";
    return object.kind != "COMMENT" || !object.name.starts_with("EXTENSION ");
}

/// Returns whether every version of pg_dump writes a separate entry for this kind of object.
bool is_known_to_all(const SchemaObject& object) {
    for (const std::string_view kind :
         {"TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "INDEX", "FUNCTION", "PROCEDURE",
          "AGGREGATE", "TRIGGER", "TYPE", "DOMAIN", "SCHEMA", "EXTENSION", "POLICY", "RULE",
          "CONSTRAINT", "FK CONSTRAINT"})
        if (object.kind == kind) return true;
    return false;
}

std::vector<SchemaObject> compared_of(const std::vector<SchemaObject>& objects) {
    std::vector<SchemaObject> result;
    std::copy_if(objects.begin(), objects.end(), std::back_inserter(result), is_compared);
    return result;
}

bool has(const std::vector<SchemaObject>& objects, std::string_view kind, std::string_view name) {
    return std::any_of(objects.begin(), objects.end(), [&](const auto& object) {
        return object.kind == kind && object.name == name;
    });
}

/// Makes the definitions of some tables and domains equal, and removes the checks that pg_dump
/// writes beside them because they are not valid.
void ignore_definitions(std::vector<SchemaObject>& wanted, std::vector<SchemaObject>& there,
                        const std::set<std::string>& names) {
    if (names.empty()) return;
    const auto is_one = [&names](const SchemaObject& object) {
        return (object.kind == "TABLE" || object.kind == "DOMAIN") &&
               names.contains(object.schema + "." + object.name);
    };
    for (auto* objects : {&wanted, &there})
        for (auto& object : *objects)
            if (is_one(object)) object.normalised = {};
    std::erase_if(there, [&](const auto& object) {
        // The name of such an object is "TABLE CHECK".
        return object.kind == "CHECK CONSTRAINT" && !has(wanted, object.kind, object.name) &&
               std::any_of(names.begin(), names.end(), [&object](const auto& name) {
                   return (object.schema + "." + object.name).starts_with(name + " ");
               });
    });
}

/// Appends those elements that are not in the list yet.
void add_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
    std::set<std::string> there(to.begin(), to.end());
    for (const auto& one : from)
        if (there.insert(one).second) to.push_back(one);
}

/// No other client uses the new database. A lock can only come from the restore itself while it
/// fills a materialized view, which may take hours.
DumpOptions patient() {
    return {.lock_timeout = std::chrono::hours(24)};
}

/// Returns whether an error only prevents the comparison, and is not a fault of the database: the
/// role may not read an extension's data, or pg_dump cannot be run.
bool is_of_comparison(const Error& error) {
    return error.code() == Errc::environment ||
           (error.code() == Errc::database && is_of_rights(error.text()));
}

}  // namespace

std::vector<std::string> Comparison::all() const {
    auto result = differences.objects;
    result.insert(result.end(), differences.rows.begin(), differences.rows.end());
    result.insert(result.end(), differences.sequences.begin(), differences.sequences.end());
    return result;
}

RestoredComparer::~RestoredComparer() {
    both_.request_stop();
}

void RestoredComparer::compare_dump() {
    find_tools();
    dump_ = contents_of(about_.contents.entries);
    if (!about_.dumped.contents) {
        result_.no_values_because = "an older mastobak made the set, without digests of rows";
        return;
    }
    postgres::compare_dump(*about_.dumped.contents, dump_, result_.differences);
}

void RestoredComparer::find_tools() {
    try {
        tools_ = about_.options.tools
                     ? *about_.options.tools
                     : postgres::find_tools(about_.server_major, about_.options.bin_directory);
    } catch (const Error& error) {
        if (error.code() != Errc::environment) throw;
        result_.no_values_because = result_.no_objects_because = error.text();
    }
}

unsigned RestoredComparer::connections() const {
    return std::max(2U, about_.options.jobs);
}

std::set<std::string> RestoredComparer::absent() const {
    std::set<std::string> names = about_.contents.tables_left_out;
    for (const auto& entry : about_.contents.entries)
        if ((entry.kind == "SEQUENCE SET" || entry.kind == "TABLE DATA") &&
            !about_.contents.made.contains(entry.id))
            names.insert(entry.schema + "." + entry.name);
    return names;
}

void RestoredComparer::compare_row_counts(const RowCounts& counts) {
    auto expected = about_.dumped.rows;
    for (const auto& name : absent()) expected.erase(name);
    result_.tables = counts.size();
    result_.rows = total(counts);
    const auto roots = partition_roots(about_.contents.entries);
    add_new(result_.differences.rows,
            row_differences(by_root(expected, roots), by_root(counts, roots)));
}

void RestoredComparer::take_counts(const RowCounts& counts) {
    compare_row_counts(counts);
}

void RestoredComparer::begin_rows(const Settings& way, const std::string& role,
                                  const std::stop_token& stop) {
    outside_.emplace(stop, [this] { both_.request_stop(); });
    count_ = [this, &way, role] {
        return count_rows(way, {.connections = connections(), .role = role}, both_.get_token());
    };
    rows_ = std::async(std::launch::async, [this, &way, role] {
        return read_rows(way,
                         {.recorded = *about_.dumped.contents,
                          .connections = connections(),
                          .role = role,
                          .more_columns = by_name_},
                         both_.get_token());
    });
}

void RestoredComparer::end_rows() {
    if (!rows_.valid()) return;
    std::optional<Contents> now;
    try {
        now = rows_.get();
    } catch (const Error& error) {
        if (!is_of_comparison(error)) throw;
        result_.no_values_because = error.text();
    }
    if (!now) return compare_row_counts(count_());
    compare_row_counts(now->row_counts());
    // The sequences of the dump, which compare_dump() has compared with the recorded ones.
    auto expected = *about_.dumped.contents;
    expected.sequences = dump_.sequences;
    ContentDifferences values;
    const auto roots = partition_roots(about_.contents.entries);
    std::set<std::string> mixed;
    expected = by_root(std::move(expected), roots, &mixed);
    auto found = by_root(*now, roots);
    for (const auto& table : mixed) {
        values.not_compared.push_back(fmt::format(
            "values of the partitions of table '{}', whose columns are in several orders", table));
        found.tables[table].digest = expected.tables[table].digest;
    }
    compare_rows(expected, found, absent(), values);
    add_new(result_.differences.rows, values.rows);
    add_new(result_.differences.sequences, values.sequences);
    add_new(result_.differences.not_compared, values.not_compared);
    result_.sequences = now->sequences.size();
    result_.has_values = true;
}

Definitions RestoredComparer::how_definitions(const std::string& server_version) const {
    const auto& dumped = about_.dumped;
    if (major_of(dumped.server_version) != about_.server_major ||
        major_of(dumped.pg_dump_version) != tools_->major)
        return Definitions::names;
    const bool same =
        dumped.server_version == server_version && dumped.pg_dump_version == tools_->version;
    return same ? Definitions::normalised : Definitions::noted;
}

void RestoredComparer::compare_objects(const Settings& way, const std::string& role,
                                       const std::stop_token& stop) {
    if (!tools_) return;
    std::optional<std::vector<TocEntry>> now;
    std::string version;
    try {
        Connection connection(way, stop);
        version = connection.value("SELECT current_setting('server_version')");
        now = read_schema(way, *tools_, role, patient(), stop);
        if (!now) result_.no_objects_because = "pg_dump writes a format that is not known";
    } catch (const Error& error) {
        if (!is_of_comparison(error)) throw;
        result_.no_objects_because = error.text();
    }
    if (!now) return;
    std::vector<TocEntry> made;
    for (const auto& entry : about_.contents.entries)
        if (about_.contents.made.contains(entry.id)) made.push_back(entry);
    auto wanted = compared_of(contents_of(made).objects);
    auto there = compared_of(contents_of(*now).objects);
    ignore_definitions(wanted, there, by_name_);
    const bool checks = !has(wanted, "SCHEMA", schema_of_checks);
    const bool amcheck = !has(wanted, "EXTENSION", extension_of_checks);
    // Each database has a schema 'public', and its owner may not be able to set the comment.
    const bool comment = !has(wanted, "COMMENT", comment_of_public);
    std::erase_if(there, [&](const auto& object) {
        return (comment && object.kind == "COMMENT" && object.name == comment_of_public) ||
               (checks && object.kind == "SCHEMA" && object.name == schema_of_checks) ||
               (amcheck && object.kind == "EXTENSION" && object.name == extension_of_checks);
    });
    const auto how = how_definitions(version);
    if (how == Definitions::names) {
        std::erase_if(wanted, [](const auto& object) { return !is_known_to_all(object); });
        result_.differences.not_compared.push_back(fmt::format(
            "definitions and privileges, which PostgreSQL {} writes differently than {}", version,
            about_.dumped.server_version));
    }
    if (about_.options.grants && how != Definitions::names)
        lost_ = postgres::lost_privileges(made, *now);
    if (how != Definitions::names)
        for (auto& lost : lost_comments(about_.contents, *now)) lost_.push_back(std::move(lost));
    postgres::compare_objects(wanted, there, how, result_.differences);
    result_.objects = wanted.size();
    result_.has_objects = true;
}

std::vector<std::string> RestoredComparer::warnings() const {
    std::vector<std::string> result;
    if (about_.dumped.contents && !result_.has_values)
        result.push_back("rows were only counted, their values were not compared: " +
                         result_.no_values_because);
    if (!result_.has_objects)
        result.push_back("the schema was not compared with the dump's: " +
                         result_.no_objects_because);
    for (const auto& what : result_.differences.not_compared)
        result.push_back("not compared with the dump: " + readable(what));
    return result;
}

void RestoredComparer::refuse_differences() const {
    const auto all = result_.all();
    if (all.empty()) return;
    const auto more = all.size() > 1 ? fmt::format(" (and {} more)", all.size() - 1) : "";
    throw Error(
        Errc::corrupt,
        fmt::format("the restored database is not what was dumped: {}{}", readable(all[0]), more),
        "'mastobak verify' checks the set; restore an older one");
}

}  // namespace mastobak::postgres
