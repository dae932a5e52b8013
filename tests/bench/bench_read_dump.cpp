// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_read_dump: writes a stored dump to standard output as pg_dump has written it, like
// `zstd -dc`. With --base, the dump is a difference, and its list is beside it. Prints the seconds to
// standard error.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "dumps/read_dump.hpp"
#include "dumps/writers.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    std::string file, base;
    bool check = false;
    CLI::App app{"Reads a stored dump"};
    app.add_option("file", file)->required();
    app.add_option("--base", base, "the base of a difference");
    app.add_flag("--check", check, "also compares the whole with the digest in the list");
    CLI11_PARSE(app, argc, argv);

    dumps::StoredDump dump(file);
    // A restore reads the digest from the manifest, after it has compared the file with it.
    if (!base.empty()) dump = {file, file + dumps::list_suffix, base, sha256_of_file(base)};
    const auto begin = std::chrono::steady_clock::now();
    const auto read =
        dumps::read_dump(dump, check ? dumps::DumpDigest::check : dumps::DumpDigest::ignore);
    for (auto block = read(); !block.empty(); block = read())
        write_all(STDOUT_FILENO, block, "standard output", Errc::environment);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cerr << took.count() << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_read_dump: " << mastobak::describe(error) << '\n';
    return 1;
}
