// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/find_media.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "mastodon/media_paths.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "postgres/rows/dumped_rows.hpp"

namespace mastobak::restore {

namespace {

/// Adds the directories of a row's files: local ones, and those that Mastodon has fetched from
/// other servers.
void add_directories(std::vector<std::string>& paths, std::string_view table, std::uint64_t id) {
    for (const auto& attachment : mastodon::attachments()) {
        if (attachment.table != table) continue;
        paths.push_back(mastodon::directory_of(attachment, id, false));
        if (attachment.has_cache) paths.push_back(mastodon::directory_of(attachment, id, true));
    }
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const auto* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Returns the path below the media root of a URL or of a URL's path; nullopt if the text is
/// neither.
std::optional<std::string> path_of_url(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == url.npos && !url.starts_with("/system/")) return std::nullopt;
    auto path = url;
    if (scheme != url.npos) {
        const auto slash = url.find('/', scheme + 3);
        path = slash == url.npos ? std::string_view() : url.substr(slash);
    }
    path = path.substr(0, path.find_first_of("?#"));
    // Hosts that serve only media often omit "/system/".
    if (path.starts_with("/system/")) path.remove_prefix(7);
    if (path.starts_with('/')) path.remove_prefix(1);
    return percent_decoded(path);
}

}  // namespace

std::vector<std::string> media_meant_by(const std::string& name, const FindAccount& account) {
    if (name.size() > 1 && name.starts_with('@')) return account(name.substr(1));
    if (const auto path = path_of_url(name)) return {*path};
    std::vector<std::string> paths{name};
    if (const auto id = parse_number<std::uint64_t>(name))
        add_directories(paths, "media_attachments", *id);
    return paths;
}

std::vector<std::string> media_that_is_there(const std::vector<std::string>& paths,
                                             const media::IndexFiles& index,
                                             const std::string& name, std::stop_token stop) {
    const std::set<std::string, std::less<>> wanted(paths.begin(), paths.end());
    std::vector<std::string> found;
    media::IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (wanted.contains(entry->path)) found.push_back(entry->path);
    }
    if (found.empty())
        throw Error(Errc::usage,
                    fmt::format("'{}' is not in the media of this set", readable(name)),
                    "'mastobak browse' lists the files of a set");
    return found;
}

std::vector<std::string> media_of_account(const dumps::StoredDump& dump, int major,
                                          const std::string& name, std::stop_token stop) {
    // A pg_restore reads the dumps of older versions of pg_dump.
    const auto tools = postgres::find_tools(major);
    std::string id;
    postgres::read_dumped_rows(
        dump, tools, "accounts", {"id", "username", "domain"},
        [&](const postgres::DumpedRow& row) {
            if (row[0] && row[1] == name && !row[2]) id = *row[0];
        },
        stop);
    const auto account = parse_number<std::uint64_t>(id);
    if (!account)
        throw Error(Errc::usage, fmt::format("this instance has no account '@{}'", readable(name)));
    std::vector<std::string> paths;
    add_directories(paths, "accounts", *account);
    postgres::read_dumped_rows(
        dump, tools, "media_attachments", {"id", "account_id"},
        [&](const postgres::DumpedRow& row) {
            if (row[1] != id || !row[0]) return;
            if (const auto attachment = parse_number<std::uint64_t>(*row[0]))
                add_directories(paths, "media_attachments", *attachment);
        },
        stop);
    return paths;
}

}  // namespace mastobak::restore
