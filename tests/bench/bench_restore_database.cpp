// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_restore_database: restores a dump with all steps of a restore: create, load, analyze,
// compare, rename. With --stored, it decompresses the dump first. Prints seconds. The facts about the
// original are read before the clock starts.

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "dumps/writers.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/snapshot.hpp"
#include "restore/source/decompress.hpp"

namespace {

using namespace mastobak;

constexpr Bytes largest_dump{std::uint64_t{1} << 40};

postgres::DumpedDatabase facts_of(const postgres::Settings& settings) {
    postgres::Snapshot snapshot(settings);
    const auto facts = postgres::inspect(snapshot.connection());
    return {.server_version = facts.server_version_text,
            .pg_dump_version = postgres::find_tools(snapshot.connection().server_major()).version,
            .owner = facts.owner,
            .encoding = facts.encoding,
            .collation = facts.collation,
            .ctype = facts.ctype,
            .locale_provider = facts.locale_provider,
            .locale = facts.locale,
            .schema_version = facts.schema_version,
            .rows = snapshot.count_rows({})};
}

}  // namespace

int main(int argc, char** argv) try {
    postgres::Settings settings;
    postgres::RestoreOptions options{.jobs = std::thread::hardware_concurrency()};
    std::string file, contents, stored, base;
    CLI::App app{"Restores a database's dump beside it"};
    app.add_option("--host", settings.host, "directory of the socket")->required();
    app.add_option("--port", settings.port)->required();
    app.add_option("--user", settings.user)->required();
    app.add_option("database", settings.database, "that was dumped")->required();
    app.add_option("file", file, "the dump, not compressed")->required();
    app.add_option("target", options.database, "new")->required();
    app.add_option("--contents", contents, "what was recorded of it: values are compared, too");
    app.add_option("--stored", stored, "the stored dump, which is decompressed into the new FILE");
    app.add_option("--base", base, "the base of --stored, which is a difference");
    CLI11_PARSE(app, argc, argv);

    auto facts = facts_of(settings);
    if (!contents.empty()) facts.contents = postgres::read_contents(contents, {});
    options.dump = file;
    dumps::StoredDump dump(stored);
    if (!base.empty())
        dump = {stored, stored + dumps::list_suffix, base, std::filesystem::path(base).filename(),
                sha256_of_file(base)};
    settings.database = "postgres";
    const auto begin = std::chrono::steady_clock::now();
    if (!stored.empty()) restore::decompress(dump, file, largest_dump, {}, {}, {});
    const auto restored = postgres::restore_database(settings, facts, options, {}, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!contents.empty() && !restored.comparison.has_values)
        throw Error(Errc::database, restored.comparison.no_values_because);
    std::cout << took.count() << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_restore_database: " << mastobak::describe(error) << '\n';
    return 1;
}
