// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/blank_remote.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mastodon/media_paths.hpp"

namespace mastobak::mastodon {
namespace {

/// Returns the condition for rows of other servers; empty when a column for it is missing.
std::string is_others(Owner owner, const std::set<std::string>& columns) {
    switch (owner) {
        case Owner::ours:
            return {};
        case Owner::others:
            return "true";
        case Owner::domain:
            return columns.contains("domain") ? "domain IS NOT NULL" : "";
        case Owner::remote_url:
            return columns.contains("remote_url") ? "coalesce(remote_url, '') <> ''" : "";
    }
    return {};
}

std::string statement(const Attachment& attachment, const Table& table) {
    const auto& columns = table.columns;
    const auto column = [&](const char* suffix) {
        return fmt::format("{}_{}", attachment.name, suffix);
    };
    const auto others = is_others(attachment.owner, columns);
    const auto version = column("storage_schema_version");
    if (others.empty() || !attachment.has_cache || !columns.contains(version) ||
        !columns.contains(column("file_name")))
        return {};
    std::vector<std::string> blank;
    for (const auto* suffix : {"file_name", "content_type", "file_size", "updated_at"})
        if (columns.contains(column(suffix))) blank.push_back(column(suffix) + " = NULL");
    return fmt::format("UPDATE {} SET {} WHERE {} AND {} >= 1 AND {} IS NOT NULL", table.sql,
                       fmt::join(blank, ", "), others, version, column("file_name"));
}

}  // namespace

std::vector<std::string> blank_remote_files(const Tables& tables) {
    std::vector<std::string> statements;
    for (const auto& attachment : attachments()) {
        const auto table = tables.find(std::string(attachment.table));
        if (table == tables.end()) continue;
        if (auto sql = statement(attachment, table->second); !sql.empty())
            statements.push_back(std::move(sql));
    }
    return statements;
}

std::vector<std::string> commands_after_restore(bool repaired, bool lacking,
                                                const std::string& bin) {
    std::vector<std::string> commands;
    const auto add = [&](const std::string& command) { commands.push_back(bin + command); };
    add("rails db:migrate    # only where Mastodon is newer than the set");
    if (lacking) {
        add("tootctl media remove --days 0");
        add("tootctl preview_cards remove --days 0");
    }
    if (repaired || lacking) add("tootctl accounts refresh --all");
    add("tootctl feeds build");
    add("tootctl search deploy    # only with Elasticsearch");
    return commands;
}

}  // namespace mastobak::mastodon
