// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_dump: only the dump step of a run, with an exported snapshot. The dump is a base, or with
// --base a difference. Prints seconds, bytes of the new files, and the peak memory of this process
// in KiB.

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/snapshot.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    postgres::Settings settings;
    std::string file, base, contents;
    CLI::App app{"Dumps a database as a run does"};
    app.add_option("--host", settings.host, "directory of the socket")->required();
    app.add_option("--port", settings.port)->required();
    app.add_option("--user", settings.user)->required();
    app.add_option("database", settings.database)->required();
    app.add_option("file", file, "the dump, new; the list of a difference is beside it")
        ->required();
    app.add_option("--base", base, "an earlier dump; this one is stored as a difference from it");
    app.add_option("--contents", contents, "the file of what is in it, new");
    CLI11_PARSE(app, argc, argv);

    postgres::Snapshot snapshot(settings);
    const auto tools = postgres::find_tools(snapshot.connection().server_major());
    postgres::DumpOptions options;
    // A run reads the digest from the manifest of an earlier set.
    if (!base.empty())
        options.base = {base, std::filesystem::path(base).filename(), sha256_of_file(base)};
    const auto begin = std::chrono::steady_clock::now();
    const auto dump = postgres::dump(settings, tools, snapshot.id(), file, options,
                                     [](const postgres::DumpProgress&) {}, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!contents.empty()) postgres::write_contents(contents, dump.contents.value());
    Bytes size;
    for (const auto& written : dump.files) size += written.size;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    std::cout << took.count() << ' ' << size.count << ' ' << usage.ru_maxrss << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_dump: " << mastobak::describe(error) << '\n';
    return 1;
}
