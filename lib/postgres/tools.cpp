// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <system_error>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/dump.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

/// The pg_dump in a directory, if there is one that runs.
std::optional<Tools> tools_in(const fs::path& directory) {
    Tools tools{.pg_dump = directory / "pg_dump", .pg_restore = directory / "pg_restore"};
    std::error_code error;
    if (!fs::exists(tools.pg_dump, error) || !fs::exists(tools.pg_restore, error))
        return std::nullopt;
    // "pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
    const auto finished =
        run({.argv = {tools.pg_dump, "--version"}, .timeout = std::chrono::seconds(20)});
    constexpr std::string_view mark = "(PostgreSQL) ";
    const auto at = finished.output.find(mark);
    if (!finished.ok() || at == std::string::npos) return std::nullopt;
    tools.version = finished.output.substr(at + mark.size());
    while (tools.version.ends_with('\n')) tools.version.pop_back();
    const auto* begin = tools.version.data();
    if (std::from_chars(begin, begin + tools.version.size(), tools.major).ec != std::errc())
        return std::nullopt;
    return tools;
}

std::vector<fs::path> usual_directories() {
    std::vector<fs::path> result;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error))
        result.push_back(entry.path() / "bin");
    if (const auto program = find_program("pg_dump")) result.push_back(program->parent_path());
    return result;
}

}  // namespace

Tools find_tools(int server_major, const fs::path& directory) {
    const auto directories =
        directory.empty() ? usual_directories() : std::vector<fs::path>{directory};
    std::optional<Tools> best;
    int newest = 0;
    for (const auto& candidate : directories) {
        auto tools = tools_in(candidate);
        if (!tools) continue;
        newest = std::max(newest, tools->major);
        if (tools->major >= server_major && (!best || tools->major < best->major))
            best = std::move(tools);
    }
    if (best) return *best;
    const auto where = directory.empty() ? "" : fmt::format(" in '{}'", directory.native());
    throw Error(Errc::environment,
                newest == 0 ? fmt::format("no pg_dump is found{}", where)
                            : fmt::format("the newest pg_dump{} is {}, older than the server's {}",
                                          where, newest, server_major),
                fmt::format("install the package postgresql-client-{}", server_major));
}

}  // namespace mastobak::postgres
