// SPDX-License-Identifier: GPL-3.0-or-later
//
// make_media makes a media tree like Mastodon's. make_rows with the same options makes the rows
// that name its files.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "shape.hpp"
#include "tree_writer.hpp"

namespace {

using namespace mastobak;
using namespace mastobak::instance;

/// Each thread writes every nth item, so that all threads work in the same directories, and no
/// thread has to write all the videos.
void write_tree(const std::string& root, const std::vector<Item>& items, const Shape& shape,
                unsigned threads) {
    std::vector<std::exception_ptr> failures(threads);
    {
        std::vector<std::jthread> pool;
        for (unsigned thread = 0; thread < threads; ++thread)
            pool.emplace_back([&, thread] {
                try {
                    TreeWriter writer(root, shape.seed * 1000 + thread);
                    for (std::size_t i = thread; i < items.size(); i += threads)
                        for (const auto& file : items[i].files) writer.write(file);
                } catch (...) {
                    failures[thread] = std::current_exception();
                }
            });
    }
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

void print_summary(const std::vector<Item>& items) {
    std::vector<std::uint64_t> sizes;
    Bytes total;
    for (const auto& item : items)
        for (const auto& file : item.files) {
            sizes.push_back(file.size);
            total += Bytes{file.size};
        }
    if (sizes.empty()) return;
    std::sort(sizes.begin(), sizes.end());
    std::cout << sizes.size() << " files, " << to_string(total) << ", median "
              << to_string(Bytes{sizes[sizes.size() / 2]}) << ", p99 "
              << to_string(Bytes{sizes[sizes.size() * 99 / 100]}) << ", largest "
              << to_string(Bytes{sizes.back()}) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    Shape shape;
    std::string root;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    CLI::App app{"Makes a media tree of Mastodon's shape (public/system)"};
    app.add_option("root", root, "new or empty directory")->required();
    app.add_option("--files", shape.files, "how many")->capture_default_str();
    app.add_option("--median", shape.median, "median of the sizes, bytes")->capture_default_str();
    app.add_option("--remote", shape.remote, "share that is other servers', under cache/")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--seed", shape.seed)->capture_default_str();
    app.add_option("--threads", threads)->check(CLI::Range(1, 64));
    CLI11_PARSE(app, argc, argv);

    std::filesystem::create_directories(root);
    const auto items = make_items(shape);
    write_tree(root, items, shape, threads);
    print_summary(items);
} catch (const std::exception& error) {
    std::cerr << "make_media: " << mastobak::describe(error) << '\n';
    return 1;
}
