// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_dump: only the dump step of a run, with an exported snapshot. Prints seconds and bytes.

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include "core/error.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/snapshot.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    postgres::Settings settings;
    std::string file, contents;
    CLI::App app{"Dumps a database as a run does"};
    app.add_option("--host", settings.host, "directory of the socket")->required();
    app.add_option("--port", settings.port)->required();
    app.add_option("--user", settings.user)->required();
    app.add_option("database", settings.database)->required();
    app.add_option("file", file, "the dump, new")->required();
    app.add_option("--contents", contents, "the file of what is in it, new");
    CLI11_PARSE(app, argc, argv);

    postgres::Snapshot snapshot(settings);
    const auto tools = postgres::find_tools(snapshot.connection().server_major());
    const auto begin = std::chrono::steady_clock::now();
    const auto dump = postgres::dump(settings, tools, snapshot.id(), file, {},
                                     [](const postgres::DumpProgress&) {}, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!contents.empty()) postgres::write_contents(contents, dump.contents.value());
    std::cout << took.count() << ' ' << dump.files.at(0).size.count << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_dump: " << mastobak::describe(error) << '\n';
    return 1;
}
