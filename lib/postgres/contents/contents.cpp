// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/contents/contents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/text.hpp"
#include "postgres/contents/normalised_sql.hpp"

namespace mastobak::postgres {
namespace {

/// Returns whether an entry is an object of the schema. Unknown kinds, which a later version of
/// pg_dump may write, are objects, too.
bool is_object(const TocEntry& entry) {
    for (const std::string_view kind :
         {"ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES", "TABLE DATA",
          "SEQUENCE SET", "STATISTICS DATA", "BLOB", "BLOBS", "BLOB METADATA"})
        if (entry.kind == kind) return false;
    for (const std::string_view of : {"DATABASE ", "LARGE OBJECT"})
        if ((entry.kind == "COMMENT" || entry.kind == "ACL" || entry.kind == "SECURITY LABEL") &&
            entry.name.starts_with(of))
            return false;
    return true;
}

/// Returns the normalised definition. The tokens of a policy are sorted, as pg_dump lists its roles
/// in an order that depends on the server.
std::string comparable(const TocEntry& entry) {
    auto text = normalised(entry.definition);
    if (entry.kind != "POLICY") return text;
    if (text.ends_with('\n')) text.pop_back();
    auto tokens = split(text, "\n");
    std::ranges::sort(tokens);
    std::string sorted;
    for (const auto token : tokens) sorted.append(token).append(1, '\n');
    return sorted;
}

/// Returns "42, true" for "SELECT pg_catalog.setval('public.x_seq', 42, true);".
std::string value_of_sequence(std::string_view definition) {
    const auto end = definition.rfind(");");
    if (end == definition.npos) return {};
    const auto last = definition.rfind(", ", end);
    const auto first =
        last == definition.npos || last == 0 ? definition.npos : definition.rfind(", ", last - 1);
    if (first == definition.npos) return {};
    return std::string(definition.substr(first + 2, end - first - 2));
}

/// Returns "UTF8" for "SET client_encoding = 'UTF8';".
std::string encoding_of(std::string_view definition) {
    const auto begin = definition.find('\''), end = definition.rfind('\'');
    if (begin == definition.npos || end <= begin) return {};
    return std::string(definition.substr(begin + 1, end - begin - 1));
}

auto place_of(const SchemaObject& object) {
    return std::tie(object.kind, object.schema, object.name);
}

/// Calls `on_same` for each pair of equal objects of two sorted lists.
/// \return the objects that only the first list has, and those that only the second one has
template <typename Less, typename Same>
std::pair<std::vector<SchemaObject>, std::vector<SchemaObject>> unpaired(
    const std::vector<SchemaObject>& then, const std::vector<SchemaObject>& now, Less less,
    Same on_same) {
    std::vector<SchemaObject> lost, added;
    auto a = then.begin();
    auto b = now.begin();
    while (a != then.end() || b != now.end()) {
        if (b == now.end() || (a != then.end() && less(*a, *b)))
            lost.push_back(*a++);
        else if (a == then.end() || less(*b, *a))
            added.push_back(*b++);
        else
            on_same(*a++, *b++);
    }
    return {std::move(lost), std::move(added)};
}

/// Matches the objects of two lists by their names.
/// \param of      the digest of a definition that is compared
/// \param on_same, on_other called with two objects of one name, with equal or other definitions
/// \param on_lost, on_new   called with an object that only `then`, or only `now`, has
template <typename Lost, typename New, typename Same, typename Other>
void match(std::vector<SchemaObject> then, std::vector<SchemaObject> now, Digest SchemaObject::*of,
           Lost on_lost, New on_new, Same on_same, Other on_other) {
    // Several operators may have the same name, so pair equal definitions first.
    const auto exactly = [of](const auto& a, const auto& b) {
        return place_of(a) != place_of(b) ? place_of(a) < place_of(b)
                                          : (a.*of).bytes < (b.*of).bytes;
    };
    const auto by_name = [](const auto& a, const auto& b) { return place_of(a) < place_of(b); };
    std::sort(then.begin(), then.end(), exactly);
    std::sort(now.begin(), now.end(), exactly);
    const auto [lost, added] = unpaired(then, now, exactly, on_same);
    const auto [really_lost, really_new] = unpaired(lost, added, by_name, on_other);
    for (const auto& object : really_lost) on_lost(object);
    for (const auto& object : really_new) on_new(object);
}

bool has_same_columns(std::string_view a, std::string_view b) {
    const auto sorted = [](std::string_view list) {
        auto names = split(list, ", ");
        std::ranges::sort(names);
        return names;
    };
    return sorted(a) == sorted(b);
}

void compare_table(const std::string& what, const TableContents& then, const TableContents& now,
                   ContentDifferences& result) {
    if (then.rows != now.rows)
        result.rows.push_back(
            fmt::format("{} has {}, not {}", what, counted(now.rows, "row"), then.rows));
    else if (then.digest == now.digest)
        return;
    else if (then.columns == now.columns)
        result.rows.push_back(fmt::format("{} has {}, as recorded, but their values differ", what,
                                          counted(now.rows, "row")));
    else if (has_same_columns(then.columns, now.columns))
        result.not_compared.push_back(
            fmt::format("values of {}, whose columns are in another order now", what));
    else
        result.rows.push_back(fmt::format("{} has the columns ({}), not ({})", what,
                                          readable(now.columns), readable(then.columns)));
}

std::string table_named(const std::string& name) {
    return fmt::format("table '{}'", name);
}

}  // namespace

RowCounts Contents::row_counts() const {
    RowCounts counts;
    for (const auto& [name, table] : tables) counts.emplace(name, table.rows);
    return counts;
}

Contents contents_of(const std::vector<TocEntry>& entries) {
    Contents contents;
    for (const auto& entry : entries) {
        if (entry.kind == "ENCODING") contents.encoding = encoding_of(entry.definition);
        if (entry.kind == "SEQUENCE SET")
            contents.sequences[entry.schema + "." + entry.name] =
                value_of_sequence(entry.definition);
        if (is_object(entry))
            contents.objects.push_back({entry.kind, entry.schema, entry.name, entry.owner,
                                        sha256_of(entry.definition), sha256_of(comparable(entry))});
    }
    return contents;
}

std::string name_of(const SchemaObject& object) {
    std::string kind;
    for (const char c : object.kind)
        kind += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (object.kind == "ACL") kind = "privileges of";
    if (object.kind == "COMMENT") kind = "comment on";
    return fmt::format("{} '{}{}{}'", kind, object.schema, object.schema.empty() ? "" : ".",
                       object.name);
}

void compare_dump(const Contents& recorded, const Contents& dump, ContentDifferences& result) {
    const auto tell = [&result](const SchemaObject& object, std::string_view what) {
        result.objects.push_back(name_of(object) + std::string(what));
    };
    match(
        recorded.objects, dump.objects, &SchemaObject::definition,
        [&](const auto& lost) { tell(lost, " was recorded, and the dump does not have it"); },
        [&](const auto& added) { tell(added, " is in the dump, and was not recorded"); },
        [&](const auto& then, const auto& now) {
            if (then.owner != now.owner)
                tell(then, fmt::format(" in the dump belongs to '{}', not to '{}'", now.owner,
                                       then.owner));
        },
        [&](const auto& then, const auto&) {
            tell(then, " in the dump is not what was recorded");
        });
    for (const auto& [name, value] : recorded.sequences) {
        const auto found = dump.sequences.find(name);
        if (found == dump.sequences.end())
            result.sequences.push_back(
                fmt::format("the value of sequence '{}' is not in the dump", name));
        else if (found->second != value)
            result.sequences.push_back(
                fmt::format("sequence '{}' stands at ({}) in the dump, not at ({})", name,
                            found->second, value));
    }
    for (const auto& [name, value] : dump.sequences)
        if (!recorded.sequences.contains(name))
            result.sequences.push_back(
                fmt::format("sequence '{}' is in the dump, and was not recorded", name));
}

void compare_rows(const Contents& recorded, const Contents& now,
                  const std::set<std::string>& absent, ContentDifferences& result) {
    for (const auto& [name, then] : recorded.tables) {
        if (absent.contains(name)) continue;
        const auto found = now.tables.find(name);
        if (found == now.tables.end())
            result.rows.push_back(fmt::format("{} is missing, with {}", table_named(name),
                                              counted(then.rows, "row")));
        else
            compare_table(table_named(name), then, found->second, result);
    }
    for (const auto& [name, table] : now.tables)
        if (!recorded.tables.contains(name) && !absent.contains(name))
            result.rows.push_back(fmt::format("{}, with {}, was not recorded", table_named(name),
                                              counted(table.rows, "row")));
    for (const auto& [name, value] : recorded.sequences) {
        if (absent.contains(name)) continue;
        const auto found = now.sequences.find(name);
        if (found == now.sequences.end())
            result.sequences.push_back(fmt::format("sequence '{}' is missing", name));
        else if (found->second != value)
            result.sequences.push_back(fmt::format("sequence '{}' stands at ({}), not at ({})",
                                                   name, found->second, value));
    }
    const auto& objects = recorded.large_objects;
    if (objects.rows != now.large_objects.rows)
        result.rows.push_back(fmt::format(
            "there are {}, not {}", counted(now.large_objects.rows, "large object"), objects.rows));
    else if (!(objects.digest == now.large_objects.digest))
        result.rows.emplace_back("the bytes of a large object differ");
}

void compare_objects(const std::vector<SchemaObject>& wanted, const std::vector<SchemaObject>& now,
                     Definitions definitions, ContentDifferences& result) {
    const auto tell = [](std::vector<std::string>& where, const SchemaObject& object,
                         std::string_view what) {
        where.push_back(name_of(object) + std::string(what));
    };
    match(
        wanted, now, &SchemaObject::normalised,
        [&](const auto& lost) { tell(result.objects, lost, " is missing"); },
        [&](const auto& added) {
            if (definitions == Definitions::normalised)
                tell(result.objects, added, " was not there");
        },
        [](const auto&, const auto&) {},
        [&](const auto& then, const auto&) {
            if (definitions == Definitions::normalised)
                tell(result.objects, then, " is not as the dump defines it");
            if (definitions == Definitions::noted)
                tell(result.not_compared, then,
                     ", which this version of PostgreSQL writes differently");
        });
}

}  // namespace mastobak::postgres
