// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_difference: stores uncompressed dumps as bases and differences, and reads them again, without
// a database. Prints seconds and bytes.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files/open.hpp"
#include "core/files/unique_fd.hpp"
#include "dumps/read_dump.hpp"
#include "dumps/writers.hpp"

namespace {

using namespace mastobak;

/// Writes a file in blocks, as pg_dump's output comes.
std::uint64_t write(dumps::DumpWriter& writer, const std::string& file) {
    const auto fd = open_regular(file);
    std::vector<std::byte> block(64 * 1024);
    for (;;) {
        const auto n = ::read(fd.get(), block.data(), block.size());
        if (n <= 0) break;
        writer.write({block.data(), static_cast<std::size_t>(n)});
    }
    std::uint64_t size = 0;
    for (const auto& written : writer.finish()) size += written.size.count;
    return size;
}

std::uint64_t read(const dumps::StoredDump& dump, const std::string& file) {
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    std::uint64_t size = 0;
    const auto source = dumps::read_dump(dump);
    for (auto block = source(); !block.empty(); block = source()) {
        if (::write(fd.get(), block.data(), block.size()) < 0) throw std::runtime_error("write");
        size += block.size();
    }
    return size;
}

}  // namespace

int main(int argc, char** argv) try {
    std::string base, from, to;
    CLI::App app{"Stores dumps, and reads them again"};
    app.require_subcommand(1);
    auto* store = app.add_subcommand("store", "stores the uncompressed dump FROM as TO");
    auto* load = app.add_subcommand("read", "writes the stored dump FROM to TO, uncompressed");
    for (auto* command : {store, load}) {
        command->add_option("--base", base, "base of a difference");
        command->add_option("from", from)->required();
        command->add_option("to", to)->required();
    }
    CLI11_PARSE(app, argc, argv);

    const Digest digest = base.empty() ? Digest() : sha256_of_file(base);
    const auto begin = std::chrono::steady_clock::now();
    std::uint64_t size = 0;
    if (*load)
        size =
            read(base.empty() ? dumps::StoredDump(from)
                              : dumps::StoredDump(from, from + dumps::list_suffix, base,
                                                  std::filesystem::path(base).filename(), digest),
                 to);
    else if (base.empty())
        size = write(*dumps::write_base(to, 3, 2), from);
    else
        size = write(
            *dumps::write_difference({base, std::filesystem::path(base).filename(), digest}, to),
            from);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << took.count() << ' ' << size << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_difference: " << error.what() << '\n';
    return 1;
}
