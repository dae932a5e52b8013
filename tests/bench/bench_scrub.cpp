// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_scrub: reads objects like the daemon's scrub, and compares them with their digests, but
// without idle priority, because the load of this machine is not measured. Prints the number of
// files and bytes read.

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "scrub/read_objects.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    namespace fs = std::filesystem;
    config::Config config;
    std::map<std::string, std::string> digests;
    CLI::App app{"Reads what is in staging as the scrub does"};
    app.add_option("staging", config.staging.path, "with packs in media/")->required();
    app.add_option("digest", digests, "PACK and its SHA-256")->required();
    CLI11_PARSE(app, argc, argv);

    std::vector<std::pair<std::string, scrub::Wanted>> objects;
    for (const auto& [name, hex] : digests)
        objects.push_back({"media/" + name,
                           {{fs::file_size(config.staging.path / "media" / name)},
                            parse_digest(hex).value(),
                            {}}});
    int damaged = 0;
    scrub::ReadOptions options;
    options.found = [&](const std::string& name, const scrub::Wanted&,
                        const scrub::Finding& finding) {
        if (finding.problem.empty()) return;
        std::cerr << name << ": " << finding.problem << '\n';
        ++damaged;
    };
    const auto place = scrub::place_of_staging(config, config.staging.path / "scratch");
    scrub::Partials partials;
    const auto result = scrub::read_objects(*place, objects, options, partials, {});
    std::cout << result.objects << ' ' << result.bytes.count << '\n';
    return damaged == 0 && result.complete && result.unread.empty() ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "bench_scrub: " << mastobak::describe(error) << '\n';
    return 1;
}
