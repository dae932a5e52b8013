// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump_contents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/process.hpp"

namespace mastobak::postgres {
namespace {

/// "TABLE DATA public accounts mastodon" of "3453; 0 16386 TABLE DATA public accounts mastodon";
/// empty for a comment.
std::string_view description(std::string_view line) {
    if (line.starts_with(';')) return {};
    for (int word = 0; word < 3; ++word)
        line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    return line;
}

constexpr std::string_view extension = "EXTENSION - ";

/// "pg_trgm" of "EXTENSION - pg_trgm ": no owner follows it.
std::string name_of(std::string_view what) {
    what.remove_prefix(extension.size());
    return std::string(what.substr(0, what.find_last_not_of(' ') + 1));
}

/// "COMMENT public CONSTRAINT fk_1 ON accounts mastodon": it does not tell of what kind.
bool is_comment_on_constraint(std::string_view what) {
    if (!what.starts_with("COMMENT ")) return false;
    what.remove_prefix(std::string_view("COMMENT ").size());
    what.remove_prefix(std::min(what.find(' '), what.size()));
    return what.starts_with(" CONSTRAINT ");
}

}  // namespace

DumpContents sort_contents(std::string_view list) {
    DumpContents contents;
    while (!list.empty()) {
        const auto length = std::min(list.find('\n'), list.size());
        const auto line = list.substr(0, length);
        list.remove_prefix(std::min(length + 1, list.size()));
        if (line.empty()) continue;
        const auto what = description(line);
        if (what.empty()) continue;
        auto* group = &contents.rest;
        if (what.starts_with("SCHEMA - ")) group = &contents.schemas;
        if (what.starts_with(extension) || what.starts_with("COMMENT - EXTENSION "))
            group = &contents.extensions;
        if (what.starts_with("FK CONSTRAINT ") || is_comment_on_constraint(what))
            group = &contents.foreign_keys;
        if (what.starts_with("MATERIALIZED VIEW DATA ")) group = &contents.views;
        if (what.starts_with(extension)) contents.extension_names.push_back(name_of(what));
        group->append(line).append("\n");
        if (what.starts_with("ACL ") || what.starts_with("DEFAULT ACL ")) ++contents.grants;
    }
    return contents;
}

DumpContents read_contents(const std::filesystem::path& dump, const Tools& tools,
                           std::stop_token stop) {
    const auto finished =
        run({.argv = {tools.pg_restore, "--list", dump}, .environment = {{"LC_ALL", "C"}}},
            std::move(stop));
    if (!finished.ok())
        throw Error(
            Errc::corrupt,
            fmt::format("pg_restore cannot read '{}': {}", dump.native(), finished.reason()),
            "is it the whole dump? 'mastobak verify' checks the set");
    return sort_contents(finished.output);
}

}  // namespace mastobak::postgres
