// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_dump_nights: the dumps of consecutive nights in one staging directory, with publication and
// retention. Prints for each night: bytes that the set added, bytes of staging before and after
// retention, the number of sets and of bases.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#include "core/error.hpp"
#include "core/process/process.hpp"
#include "integration/dump_nights/dumped_nights.hpp"

namespace {

using namespace mastobak;

void live_on(const std::string& program, int night) {
    const auto finished = run({.argv = {program, std::to_string(night)}});
    if (!finished.ok())
        throw Error(Errc::environment, fmt::format("run '{}': {}", program, finished.reason()));
}

std::ptrdiff_t bases_in(const store::Staging& staging) {
    return std::distance(std::filesystem::directory_iterator(staging.database()), {});
}

}  // namespace

int main(int argc, char** argv) try {
    test::DumpedNightsOptions options;
    std::string between;
    int count = 30;
    CLI::App app{"Dumps a database night after night"};
    app.add_option("--host", options.settings.host, "directory of the socket")->required();
    app.add_option("--port", options.settings.port)->required();
    app.add_option("--user", options.settings.user)->required();
    app.add_option("database", options.settings.database)->required();
    app.add_option("directory", options.directory, "for staging and state; exists")->required();
    app.add_option("--nights", count)->capture_default_str();
    app.add_option("--between", between, "program that is run before each night, with its number")
        ->required();
    CLI11_PARSE(app, argc, argv);

    test::DumpedNights nights(options);
    for (int night = 1; night <= count; ++night) {
        live_on(between, night);
        nights.back_up();
        const auto most = nights.stored();
        for (const auto& warning : nights.prune()) std::cerr << warning << '\n';
        std::cout << nights.added().count << ' ' << most.count << ' ' << nights.stored().count
                  << ' ' << nights.staging().list().size() << ' ' << bases_in(nights.staging())
                  << std::endl;
        nights.sleep();
    }
    const auto damage = nights.damage();
    for (const auto& problem : damage) std::cerr << problem << '\n';
    if (!damage.empty()) return 1;
} catch (const std::exception& error) {
    std::cerr << "bench_dump_nights: " << mastobak::describe(error) << '\n';
    return 1;
}
