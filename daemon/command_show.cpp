// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/readable.hpp"
#include "daemon/command.hpp"
#include "daemon/drill_record.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

void print_database(const store::Manifest& manifest) {
    const auto& database = manifest.database;
    std::int64_t rows = 0;
    for (const auto& [table, count] : database.rows) rows += count;
    fmt::print("database    {} of PostgreSQL {}, {}, {} rows in {} tables, schema {}\n",
               database.name, database.server_version, to_string(database.size), rows,
               database.rows.size(), database.schema_version);
}

void print_media(const store::Manifest& manifest) {
    const auto& media = manifest.media;
    if (media.elsewhere) return fmt::print("media       elsewhere (media.elsewhere)\n");
    fmt::print("media       {} files, {} of '{}', scope {}\n", media.files, to_string(media.bytes),
               media.root, media.scope);
    for (const auto& [path, target] : media.followed_links)
        fmt::print("            '{}' was a symlink to '{}'\n", readable(path), readable(target));
    fmt::print("            {} files, {} new in this set", media.new_files,
               to_string(media.new_bytes));
    if (media.vanished > 0) fmt::print(", {} vanished meanwhile", media.vanished);
    if (!media.excluded.empty()) fmt::print(", {} left out", to_string(media.excluded_bytes));
    fmt::print("\n");
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
    fmt::print(
        "compared    {} files that {} rows of the database name: {} not in the set, "
        "{} of another size\n",
        all.files, all.rows, all.missing, all.other_size);
    for (const auto& note : manifest.reconciliation.notes) fmt::print("            {}\n", note);
}

void print_units(const store::Manifest& manifest) {
    fmt::print("downtime    {}\n", to_text(manifest.downtime));
    for (const auto& unit : manifest.units)
        fmt::print("            {:<40} {}\n", unit.name, to_text(unit.down));
    std::string parts;
    for (const auto& part : manifest.downtime_parts)
        parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part.name, to_text(part.took));
    if (!parts.empty()) fmt::print("            went to {}\n", parts);
    if (manifest.freeze.count() > 0)
        fmt::print("            nothing ran for {}\n", to_text(manifest.freeze));
    if (manifest.quiet.count() > 0)
        fmt::print("quiet       {} before that: sidekiq finished its jobs, all else ran\n",
                   to_text(manifest.quiet));
}

void print_pack(const store::PackReference& pack, const store::PackRecord* away) {
    const auto where = away == nullptr
                           ? std::string()
                           : fmt::format(", off-site alone: {}", fmt::join(away->remotes, ", "));
    fmt::print("  {:<32} {:>10}  {}  {} entries{}\n", "../../media/" + pack.name,
               to_string(pack.size), to_hex(pack.sha256).substr(0, 16), pack.entries, where);
}

void print_files(const store::Manifest& manifest, const store::Staging& staging) {
    fmt::print("files\n");
    for (const auto& artifact : manifest.artifacts)
        fmt::print("  {:<32} {:>10}  {}\n", artifact.name, to_string(artifact.size),
                   to_hex(artifact.sha256).substr(0, 16));
    const store::AwayPacks away(staging);
    for (const auto& pack : manifest.media.packs)
        print_pack(pack, store::is_here(staging, pack) ? nullptr : away.find(pack));
}

}  // namespace

int command_show(const Options& options, const std::string& name) {
    const auto config = load_config(options);
    const store::Staging staging(config.staging.path);
    const auto set = find_set(config, name);
    const auto manifest = staging.manifest(set);
    if (options.json) {
        fmt::print("{}\n", read_file(staging.set(set) / "manifest.json", Errc::corrupt));
        return 0;
    }
    fmt::print("set         {} in '{}'\n", set, staging.set(set).native());
    fmt::print("made by     mastobak {} on {}, {} to {}\n", manifest.mastobak_version,
               manifest.host, to_iso8601(manifest.started_at), to_iso8601(manifest.finished_at));
    fmt::print("instant     {}, mode {}, {}\n", to_iso8601(manifest.instant), manifest.mode,
               manifest.consistent ? "database and media are of this one instant"
                                   : "media was copied after this instant");
    print_database(manifest);
    print_media(manifest);
    print_reconciliation(manifest);
    print_units(manifest);
    print_files(manifest, staging);
    if (const auto drill = drill_of(config.state_directory, set))
        fmt::print("drill       {}: {}\n", drill->id, text_of(*drill));
    for (const auto& warning : manifest.warnings) fmt::print("warning     {}\n", warning);
    return 0;
}

}  // namespace mastobak::daemon
