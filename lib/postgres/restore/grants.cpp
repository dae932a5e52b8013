// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/grants.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "postgres/contents/normalised_sql.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace {

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
