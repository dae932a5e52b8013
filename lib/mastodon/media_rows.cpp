// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/media_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mastobak::mastodon {
namespace {

constexpr int longest_path = 4096;

/// The digits that id_partition() splits into groups of three. All bytes are digits, so the
/// collation "C" sorts them in the order of the directories: a number that is the beginning of
/// another one comes first, as its directory does.
constexpr auto partition_key = R"((SELECT left(d, length(d) - length(d) % 3)
    FROM (SELECT CASE WHEN id < 1000000000 THEN lpad(id::text, 9, '0')
                      WHEN id < 1000000000000 THEN lpad(id::text, 12, '0')
                      ELSE id::text END) AS digits(d)))";

/// Returns the condition for rows of this instance; nullopt when a column for it is missing.
std::optional<std::string> is_ours(Owner owner, const std::set<std::string>& columns) {
    switch (owner) {
        case Owner::ours:
            return "true";
        case Owner::others:
            return "false";
        case Owner::domain:
            if (!columns.contains("domain")) return std::nullopt;
            return "domain IS NULL";
        case Owner::remote_url:
            if (!columns.contains("remote_url")) return std::nullopt;
            return "coalesce(remote_url, '') = ''";
    }
    return std::nullopt;
}

std::string condition(const MediaRows& rows, bool of_others, const std::string& ours,
                      const std::set<std::string>& columns) {
    const auto& attachment = *rows.attachment;
    const auto version = fmt::format("{}_storage_schema_version", attachment.name);
    // Without this column, this version of Mastodon does not use cache/.
    const auto cached = attachment.has_cache && columns.contains(version)
                            ? fmt::format("(NOT ({}) AND coalesce({}, 0) >= 1)", ours, version)
                            : std::string("false");
    // The actor of the instance itself has the ID -99 and no images.
    auto all = fmt::format("id > 0 AND {0}_file_name <> '' AND {1}{2}", attachment.name,
                           rows.in_cache ? "" : "NOT ", cached);
    if (!of_others) all += fmt::format(" AND ({})", ours);
    // 0 means queued, 1 means in progress.
    if (attachment.table == "media_attachments" && attachment.name == "file" &&
        columns.contains("processing"))
        all += " AND coalesce(processing, 2) NOT IN (0, 1)";
    return all;
}

}  // namespace

std::vector<MediaRows> media_rows(bool of_others) {
    std::vector<MediaRows> all;
    for (const auto& attachment : attachments()) {
        if (of_others || attachment.owner != Owner::others)
            all.push_back({&attachment, false, std::string(attachment.directory)});
        if (of_others && attachment.has_cache)
            all.push_back({&attachment, true, fmt::format("cache/{}", attachment.directory)});
    }
    // Sorting whole paths is correct, because '/' sorts before '_' and letters, the only other
    // characters.
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.directory < b.directory; });
    return all;
}

std::optional<std::string> rows_query(const MediaRows& rows, bool of_others,
                                      const std::string& table,
                                      const std::set<std::string>& columns) {
    const auto& attachment = *rows.attachment;
    const auto ours = is_ours(attachment.owner, columns);
    if (!ours || !columns.contains("id") ||
        !columns.contains(fmt::format("{}_file_name", attachment.name)))
        return std::nullopt;
    // No file has a longer path, but a hostile row may have a gigabyte of text.
    const auto text = [&](const std::string& name) {
        return columns.contains(name) ? fmt::format("left({}, {})", name, longest_path)
                                      : std::string("NULL");
    };
    const auto size = fmt::format("{}_file_size", attachment.name);
    return fmt::format("SELECT id, {}, {}, {}, {} FROM {} WHERE {} ORDER BY {} COLLATE \"C\"",
                       text(fmt::format("{}_file_name", attachment.name)),
                       text(fmt::format("{}_content_type", attachment.name)),
                       columns.contains(size) ? size : "NULL", text("var"), table,
                       condition(rows, of_others, *ours, columns), partition_key);
}

}  // namespace mastobak::mastodon
