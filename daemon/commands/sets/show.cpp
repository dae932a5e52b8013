// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/clock.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/drill_record.hpp"
#include "daemon/records/json.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

struct ShowRequest {
    std::string set = "latest";
};

void print_database(const store::Manifest& manifest) {
    const auto& database = manifest.database;
    std::int64_t rows = 0;
    for (const auto& [table, count] : database.rows) rows += count;
    say("database    {} of PostgreSQL {}, {}, {} in {}, schema {}\n", database.name,
        database.server_version, to_string(database.size), counted(rows, "row"),
        counted(database.rows.size(), "table"), database.schema_version);
    if (const auto text = store::dump_text(manifest); !text.empty()) say("            {}\n", text);
}

void print_media(const store::Manifest& manifest) {
    const auto& media = manifest.media;
    if (media.elsewhere) return say("media       elsewhere (media.elsewhere)\n");
    say("media       {}, {} of '{}', scope {}\n", counted(media.files, "file"),
        to_string(media.bytes), media.root, media.scope);
    for (const auto& [path, target] : media.followed_links)
        say("            '{}' was a symlink to '{}'\n", path, target);
    say("            {}, {} new in this set", counted(media.new_files, "file"),
        to_string(media.new_bytes));
    if (media.vanished > 0) say(", {} vanished meanwhile", media.vanished);
    if (!media.excluded.empty()) say(", {} left out", to_string(media.excluded_bytes));
    say("\n");
}

void print_reconciliation(const store::Manifest& manifest) {
    if (!manifest.reconciliation.done) return;
    store::ReconciledColumn all;
    for (const auto& column : manifest.reconciliation.columns) {
        all.rows += column.rows;
        all.files += column.files;
        all.missing += column.missing + column.unclear + column.unreadable;
        all.other_size += column.other_size;
    }
    say("compared    {} that {} of the database name: {} not in the set, "
        "{} of a different size\n",
        counted(all.files, "file"), counted(all.rows, "row"), all.missing, all.other_size);
    for (const auto& note : manifest.reconciliation.notes) say("            {}\n", note);
}

void print_units(const store::Manifest& manifest) {
    say("downtime    {}\n", to_text(manifest.downtime));
    for (const auto& unit : manifest.units)
        say("            {:<40} {}\n", unit.name, to_text(unit.down));
    std::string parts;
    for (const auto& part : manifest.downtime_parts)
        parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part.name, to_text(part.took));
    if (!parts.empty()) say("            of which {}\n", parts);
    if (manifest.freeze.count() > 0)
        say("            all units were down for {}\n", to_text(manifest.freeze));
    if (manifest.quiet.count() > 0)
        say("quiet       {} before that: sidekiq took no new jobs, all else ran\n",
            to_text(manifest.quiet));
}

void print_pack(const store::PackReference& pack, const store::PackRecord* away) {
    const auto where = away == nullptr
                           ? std::string()
                           : fmt::format(", off-site only: {}", fmt::join(away->remotes, ", "));
    say("  {:<32} {:>10}  {}  {}{}\n", "../../media/" + pack.name, to_string(pack.size),
        to_hex(pack.sha256).substr(0, 16), counted(pack.entries, "entry", "entries"), where);
}

void print_files(const store::Manifest& manifest, const store::Staging& staging) {
    say("files\n");
    for (const auto& artifact : manifest.artifacts)
        say("  {:<32} {:>10}  {}\n", artifact.name, to_string(artifact.size),
            to_hex(artifact.sha256).substr(0, 16));
    const store::AwayPacks away(staging);
    for (const auto& pack : manifest.media.packs)
        print_pack(pack, store::is_here(staging, pack) ? nullptr : away.find(pack));
}

void add_show_options(CLI::App& app, Options&, ShowRequest& request) {
    app.add_option("SET", request.set, "name of the set, or latest");
}

int command_show(const Options& options, const ShowRequest& request) {
    const auto config = load_config(options);
    const store::Staging staging(config.staging.path);
    const auto set = find_set(config, request.set);
    const auto manifest = staging.manifest(set);
    if (options.json) {
        auto document = OrderedJson::parse(
            read_beneath(staging.root(), "sets/" + set + "/manifest.json", Errc::corrupt));
        // The file has nanoseconds, which jq's fromdate does not accept.
        document["started_at"] = to_json_time(manifest.started_at);
        document["finished_at"] = to_json_time(manifest.finished_at);
        document["instant"] = to_json_time(manifest.instant);
        say_document(document);
        return 0;
    }
    say("set         {} in '{}'\n", set, staging.set(set).native());
    say("made by     mastobak {} on {}, {} to {}\n", manifest.mastobak_version, manifest.host,
        to_local_text(manifest.started_at), to_local_text(manifest.finished_at));
    say("instant     {}, mode {}, {}\n", to_local_text(manifest.instant), manifest.mode,
        manifest.consistent ? "database and media are of this one instant"
                            : "media was copied after this instant");
    if (!manifest.note.empty()) say("note        {}\n", manifest.note);
    print_database(manifest);
    print_media(manifest);
    print_reconciliation(manifest);
    print_units(manifest);
    print_files(manifest, staging);
    if (const auto drill = drill_of(config.state_directory, set))
        say("drill       {}: {}\n", drill->id, text_of(*drill));
    for (const auto& warning : manifest.warnings) say("warning     {}\n", warning);
    return 0;
}

const Subcommand show_command(50, "show", "show what is in a set", add_show_options, command_show,
                              {.json = true, .example = "mastobak show latest"});

}  // namespace
}  // namespace mastobak::daemon
