// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_restore: only the media part of a restore, from the packs and the index of bench_media.
// Prints the number of files and bytes written.

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

#include "core/error.hpp"
#include "restore/tree/restore_media.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    std::filesystem::path packs;
    restore::MediaOptions options;
    CLI::App app{"Restores a media tree as `mastobak restore` does"};
    app.add_option("packs", packs, "directory of bench_media's packs and index")->required();
    app.add_option("target", options.target, "directory, new")->required();
    CLI11_PARSE(app, argc, argv);

    options.index = packs / "media.index.zst";
    options.scratch = options.target.native() + ".scratch";
    restore::PackDirectory source(packs);
    const auto report = restore::restore_media(options, source, {}, {});
    for (const auto& problem : report.problems) std::cerr << problem << '\n';
    std::cout << report.files << ' ' << report.bytes.count << '\n';
    return report.problem_count == 0 ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "bench_restore: " << mastobak::describe(error) << '\n';
    return 1;
}
