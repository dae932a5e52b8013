// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/restore_instructions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "core/text.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/restore_text.hpp"
#include "store/staging.hpp"

namespace mastobak::store {
namespace {

constexpr std::size_t most_files_told = 100;

/// Makes a hostile text safe in Markdown and in a terminal: one line without fences, HTML (a
/// comment would hide the text after it), links, or an indented code block in a list.
std::string prose(std::string_view text) {
    auto out = readable(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '`' || c == '~' || c == '<' || c == '['; },
        '?');
    out.erase(0, out.find_first_not_of(' '));
    return out;
}

std::string fill(std::string_view text, const std::map<std::string_view, std::string>& values) {
    std::string out;
    while (!text.empty()) {
        const auto begin = text.find('@');
        out += text.substr(0, begin);
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin + 1);
        const auto end = text.find('@');
        const auto value = values.find(text.substr(0, end));
        if (end == std::string_view::npos || value == values.end()) {
            out += '@';
            continue;
        }
        out += value->second;
        text.remove_prefix(end + 1);
    }
    return out;
}

std::string locale_options(const Manifest& manifest) {
    const auto& database = manifest.database;
    const auto& ctype = database.ctype.empty() ? database.collation : database.ctype;
    std::string options;
    if (!database.encoding.empty())
        options += fmt::format("--encoding={} ", shell_word(database.encoding));
    if (!database.collation.empty())
        options += fmt::format("--lc-collate={} --lc-ctype={} ", shell_word(database.collation),
                               shell_word(ctype));
    // Only the providers that createdb has options for: --icu-locale, --builtin-locale.
    const auto& provider = database.locale_provider;
    if (provider == "icu" || provider == "builtin")
        options += fmt::format("--locale-provider={0} --{0}-locale={1} ", provider,
                               shell_word(database.locale));
    return options;
}

std::string list_of_files(const std::vector<std::string>& files) {
    std::string list;
    for (std::size_t i = 0; i < std::min(files.size(), most_files_told); ++i)
        list += fmt::format("{}- '{}'", i == 0 ? "" : "\n", prose(files[i]));
    if (files.size() > most_files_told)
        list += fmt::format("\n- … and {} more", files.size() - most_files_told);
    return list;
}

/// Returns the role that will own the database, as postgres::owner_to_be does: Mastodon has to be
/// able to use objects that belonged to a superuser.
std::string role_to_own(const Manifest& manifest) {
    const auto& database = manifest.database;
    const bool of_superuser = database.owner.empty() || database.owner == "postgres";
    if (of_superuser && !database.mastodon_role.empty()) return database.mastodon_role;
    return database.owner.empty() ? "mastodon" : database.owner;
}

/// Returns the path of the base, or of the dump of an older set. It is safe in a shell.
std::string path_of_base(const Manifest& manifest) {
    return manifest.database.base ? path_in_sums(manifest.database.base->name) : whole_dump;
}

/// Returns the commands that print the lines of the index. They need no order, except that a
/// directory comes before what is below it.
std::string commands_of_index(const Manifest& manifest) {
    const auto& base = manifest.media.index_base;
    const auto file = base ? path_in_sums(base->name) : whole_index;
    if (!has_index_changes(manifest)) return fmt::format("zstd -dcq {}", file);
    return fmt::format(
        R"sh(zstd -dcq {} > "$WORK/index-base"
zstd -dcq {} > "$WORK/index-changes"
awk -F'\t' '
    NR > FNR {{ if (NF == 14 && !($2 in changed)) print; next }}
    NF == 14 || $1 == "-" {{ changed[$2] }}
    NF == 14 {{ print }}' "$WORK/index-changes" "$WORK/index-base" |
    LC_ALL=C sort -t "$(printf '\t')" -k 2,2)sh",
        file, index_changes);
}

/// Returns the project of Docker Compose whose containers the set's run stopped, by their names,
/// "PROJECT/SERVICE/NUMBER.container"; empty if it stopped none.
std::string project_of(const Manifest& manifest) {
    for (const auto& unit : manifest.units)
        if (unit.name.ends_with(".container")) return unit.name.substr(0, unit.name.find('/'));
    return "";
}

std::map<std::string_view, std::string> values_of(const Manifest& manifest) {
    const auto& database = manifest.database;
    const auto owner = role_to_own(manifest);
    const auto project = project_of(manifest);
    const std::string root = manifest.media.root.starts_with('/')
                                 ? manifest.media.root
                                 : "/home/mastodon/live/public/system";
    std::int64_t rows = 0;
    for (const auto& [table, count] : database.rows) rows += count;
    return {
        {"SET", manifest.set},
        {"HOST", prose(manifest.host)},
        {"INSTANT", to_iso8601(manifest.instant)},
        {"MODE", prose(manifest.mode)},
        {"DATABASE", prose(database.name)},
        {"DATABASE_SH", shell_word(database.name.empty() ? "mastodon_production" : database.name)},
        {"ROLE", prose(owner)},
        {"ROLE_SH", shell_word(owner)},
        {"MASTODON_ROLE", prose(database.mastodon_role)},
        {"MASTODON_ROLE_SH", shell_word(database.mastodon_role)},
        {"SERVER", prose(database.server_version)},
        {"MAJOR", prose(database.server_version.substr(0, database.server_version.find('.')))},
        {"SCHEMA", prose(database.schema_version)},
        {"ROWS", fmt::format("{}", rows)},
        {"DUMP", to_string(database.dump_uncompressed)},
        {"BASE", path_of_base(manifest)},
        {"BASE_DUMP", to_string(database.base ? database.base->uncompressed : Bytes{})},
        {"READ_DUMP", has_difference(manifest) ? "cat \"$WORK/database.dump\""
                                               : "zstd -dcq " + path_of_base(manifest)},
        {"LOCALE", locale_options(manifest)},
        {"INDEX_NOTE",
         has_index_changes(manifest) ? "; it is an older index with the changes since then" : ""},
        {"READ_INDEX", commands_of_index(manifest)},
        {"MEDIA_SH", shell_word(root)},
        {"FILES", fmt::format("{}", manifest.media.files)},
        {"BYTES", to_string(manifest.media.bytes)},
        {"PROJECT", prose(project)},
        {"DB_SH", shell_word(project + "-db-1")},
        {"BIN", project.empty() ? "RAILS_ENV=production bin/" : "docker compose run --rm web bin/"},
        {"CONFIG_FILES", list_of_files(manifest.config_files)}};
}

std::string warnings_of(const Manifest& manifest) {
    if (manifest.warnings.empty()) return "";
    std::string text = "\nThe backup warned:\n\n";
    for (const auto& warning : manifest.warnings) text += fmt::format("- {}\n", prose(warning));
    return text;
}

}  // namespace

std::string restore_instructions(const Manifest& manifest,
                                 const std::optional<signify::PublicKey>& key) {
    const auto& left_out = manifest.media.excluded;
    const bool no_cache = std::find(left_out.begin(), left_out.end(), "cache") != left_out.end();
    std::string text = restore_text::beginning;
    if (!manifest.consistent) text += restore_text::inconsistent;
    auto values = values_of(manifest);
    if (key) values["KEY"] = signify::to_line(*key);
    // The warnings are not our own text, so nothing in them is replaced.
    auto out = fill(text, values) + warnings_of(manifest);
    text = restore_text::check;
    if (key) text += restore_text::signature;
    text += restore_text::configuration;
    const bool in_containers = !project_of(manifest).empty();
    if (in_containers) text += restore_text::containers;
    text += restore_text::database_beginning;
    if (has_difference(manifest)) text += restore_text::rebuild;
    text += restore_text::database;
    const auto& mastodons_role = manifest.database.mastodon_role;
    if (!mastodons_role.empty() && mastodons_role != role_to_own(manifest))
        text += restore_text::mastodons_role;
    text += restore_text::database_end;
    text += manifest.media.elsewhere ? restore_text::media_elsewhere : restore_text::media;
    text += in_containers ? restore_text::ending_containers : restore_text::ending;
    text += restore_text::feeds;
    if (no_cache) text += restore_text::cache;
    return out + fill(text, values);
}

}  // namespace mastobak::store
