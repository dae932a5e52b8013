// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs each target with all inputs of its corpus, and with parts of them, without libFuzzer.
//
//   fuzz_corpus DIRECTORY [TARGET…]
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "core/files/files.hpp"
#include "support/temporary_directory.hpp"
#include "targets.hpp"

using namespace mastobak;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t parts = 16;

std::size_t run_corpus(const fuzz::Target& target, const fs::path& corpus) {
    std::size_t runs = 0;
    const test::TemporaryDirectory scratch;
    const auto run = [&](const std::string& input) {
        fuzz::run_once(target, input, scratch.path());
        ++runs;
    };
    run("");
    for (const auto& entry : fs::directory_iterator(corpus / target.name)) {
        // After a crash, the last line names the input.
        std::cerr << target.name << '/' << entry.path().filename().native() << '\n';
        const auto input = read_file(entry.path(), Errc::internal);
        run(input);
        for (std::size_t i = 1; i < parts; ++i) {
            run(input.substr(0, input.size() * i / parts));
            run(input.substr(input.size() * i / parts));
            auto changed = input;
            if (!changed.empty())
                changed[changed.size() * i / parts] ^= static_cast<char>(1 << i % 8);
            run(changed);
        }
    }
    return runs;
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc < 2) return EXIT_FAILURE;
    const std::vector<std::string> wanted(argv + 2, argv + argc);
    std::size_t runs = 0;
    for (const auto& target : fuzz::targets())
        if (wanted.empty() || std::ranges::find(wanted, target.name) != wanted.end())
            runs += run_corpus(target, argv[1]);
    std::cout << runs << " runs\n";
    return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
