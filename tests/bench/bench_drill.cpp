// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_drill: makes a set of a database and a media tree, a drill of it, and a restore of it.
// Prints seconds: the drill; its database with the comparison of contents; its database without the
// comparison; one more dump of this database; the estimate of a full restore; the full restore.
// Both servers run without fsync.

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/backup_tree.hpp"
#include "media/index/index_parts.hpp"
#include "media/tree_options.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "restore/drill/drill.hpp"
#include "restore/drill/drill_database.hpp"
#include "restore/restore_set.hpp"
#include "restore/source/set_source.hpp"
#include "store/new_set.hpp"
#include "support/described_database.hpp"

namespace {

using namespace mastobak;
namespace fs = std::filesystem;

constexpr auto set_name = "20261122T030000Z";

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

void publish(const store::Staging& staging, const postgres::Settings& settings,
             const fs::path& tree) {
    store::NewSet made(staging, set_name);
    store::Manifest manifest;
    manifest.set = set_name;
    postgres::Snapshot snapshot(settings);
    auto& connection = snapshot.connection();
    const auto facts = postgres::inspect(connection);
    const auto tools = postgres::find_tools(connection.server_major());
    const auto dump = postgres::dump(settings, tools, snapshot.id(),
                                     made.directory() / "database.dump.zst", {}, {}, {});
    made.add({"database.dump.zst", dump.files.at(0).size, dump.files.at(0).sha256});
    const auto written =
        postgres::write_contents(made.directory() / postgres::contents_name, dump.contents.value());
    made.add({postgres::contents_name, written.size, written.sha256});
    test::describe(manifest, settings.database, facts, postgres::record(connection, facts.owner),
                   dump, facts.owner);
    manifest.database.pg_dump_version = tools.version;
    manifest.database.rows = dump.contents->row_counts();

    media::TreeOptions options;
    options.root = tree;
    options.index = made.directory() / "media.index.zst";
    options.pack_directory = made.pack_directory();
    options.pack_prefix = set_name;
    const auto media = media::backup_tree(options, {}, {});
    made.add({"media.index.zst", media.index.size, media.index.sha256});
    const auto parts =
        media::write_index_parts(made.directory() / store::index_parts, media.index.parts);
    made.add({store::index_parts, parts.size, parts.sha256});
    for (const auto& pack : media.new_packs)
        manifest.media.packs.push_back(
            {pack.name, pack.size, pack.sha256, pack.members, pack.size});
    manifest.media.root = tree;
    manifest.media.scope = "local";
    manifest.media.files = media.index.files;
    manifest.media.bytes = media.index.file_bytes;
    made.publish(manifest, {});
}

/// Requires only the checks of the database and media to be good, because the set has no
/// configuration.
restore::RestoreEstimate require_good(const restore::DrillReport& report) {
    for (const auto& check : report.checks)
        for (const auto* name :
             {"restore", "rows", "sequences", "schema", "index", "packs", "media"})
            if (check.name == name && check.verdict != postgres::Verdict::good)
                throw std::runtime_error(check.name + " is not good: " + check.figure +
                                         (check.problems.empty() ? "" : check.problems[0]));
    return report.full_restore.value();
}

}  // namespace

int main(int argc, char** argv) try {
    postgres::Settings settings;
    fs::path work, tree;
    CLI::App app{"Drills a database and a media tree, and restores them"};
    app.add_option("--host", settings.host, "directory of the socket")->required();
    app.add_option("--port", settings.port)->required();
    app.add_option("--user", settings.user)->required();
    app.add_option("database", settings.database)->required();
    app.add_option("tree", tree, "of media")->required();
    app.add_option("work", work, "a directory that any user can go through")->required();
    CLI11_PARSE(app, argc, argv);

    store::Staging staging(work / "staging");
    staging.prepare();
    if (!fs::exists(staging.set(set_name))) publish(staging, settings, tree);
    const auto source = restore::sets_in(staging.root(), {}, work / "fetched");
    const auto manifest = source->manifest(set_name, {});

    restore::DrillOptions options;
    options.scratch = work / "d";
    options.postgres_user = "nobody";
    options.jobs = std::thread::hardware_concurrency();
    const auto report = restore::drill(*source, set_name, options, {}, {});
    const auto estimate = require_good(report);

    const auto database = [&](std::optional<postgres::Contents> contents) {
        make_directories(options.scratch, 0711, Errc::environment);
        std::vector<postgres::Check> checks;
        restore::DrillDatabase scratch(manifest, std::move(contents), options, options.scratch, {});
        if (!scratch.restore(staging.set(set_name) / "database.dump.zst", checks, {}, {}))
            throw std::runtime_error("the dump is not restored: " + checks.at(0).problems.at(0));
        const auto took = seconds(scratch.took());
        const auto tools =
            postgres::find_tools(postgres::major_of(manifest.database.server_version));
        const auto dump = seconds([&] {
            postgres::try_dump(scratch.settings(), tools, postgres::DumpPart::all, {}, {});
        });
        return std::pair(took, dump);
    };
    const auto contents =
        postgres::read_contents(staging.set(set_name) / postgres::contents_name, {});
    const auto [with, dump] = database(contents);
    const auto without = database(std::nullopt).first;
    fs::remove_all(options.scratch);

    auto server = settings;
    server.database = "postgres";
    restore::SetOptions all{
        .database = restore::SetOptions::Database{.name = "restored_bench", .server = server},
        .media = restore::SetOptions::Media{.target = work / "restored"},
        .scratch = work / "scratch",
        .jobs = options.jobs};
    make_directories(all.scratch, 0711, Errc::environment);
    const auto real = seconds([&] { restore::restore_set(*source, manifest, all, {}, {}); });
    std::cout << seconds(report.took) << ' ' << with << ' ' << without << ' ' << dump << ' '
              << seconds(estimate.total()) << ' ' << real << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_drill: " << mastobak::describe(error) << '\n';
    return 1;
}
