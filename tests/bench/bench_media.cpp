// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_media: only the media pass of a run, into new packs and a new index. Prints the number of
// files and bytes packed.

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#include "core/error.hpp"
#include "media/backup_tree.hpp"
#include "media/tree_options.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    media::TreeOptions options;
    std::string output;
    CLI::App app{"Packs a media tree as a run does"};
    app.add_option("tree", options.root)->required();
    app.add_option("output", output, "directory for packs and index, new")->required();
    app.add_option("--previous", options.previous_index, "index of the last set");
    CLI11_PARSE(app, argc, argv);

    std::filesystem::create_directories(output);
    options.pack_directory = output;
    options.pack_prefix = "20261122T030000Z";
    options.index = std::filesystem::path(output) / "media.index.zst";
    const auto begin = std::chrono::steady_clock::now();
    const auto result = media::backup_tree(options, [](const media::TreeProgress&) {}, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << took.count() << ' ' << result.packed_files << ' ' << result.packed_bytes.count
              << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_media: " << mastobak::describe(error) << '\n';
    return 1;
}
