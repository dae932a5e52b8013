// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

/// Returns the tools in a directory, if pg_dump can be run and pg_restore exists.
std::optional<Tools> tools_in(const fs::path& directory) {
    Tools tools{.pg_dump = directory / "pg_dump", .pg_restore = directory / "pg_restore"};
    std::error_code error;
    if (!fs::exists(tools.pg_dump, error) || !fs::exists(tools.pg_restore, error))
        return std::nullopt;
    // "pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
    const auto finished = run({.argv = {tools.pg_dump, "--version"},
                               .timeout = std::chrono::seconds(20),
                               .reach = Reach()});
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

std::vector<Tools> installed(const fs::path& directory) {
    std::vector<Tools> result;
    for (const auto& candidate :
         directory.empty() ? usual_directories() : std::vector<fs::path>{directory})
        if (auto tools = tools_in(candidate)) result.push_back(std::move(*tools));
    return result;
}

/// The first major version whose pg_restore sets transaction_timeout, and whose server knows it.
constexpr int transaction_timeout_since = 17;

/// A release of Debian has one version of PostgreSQL.
constexpr auto where_to_get = ", from apt.postgresql.org if this release lacks it";

std::string package_of_client(int major) {
    return fmt::format("install the package postgresql-client-{}{}", major, where_to_get);
}

bool suits(const Tools& tools, int server_major, int pg_dump_major) {
    return tools.major >= pg_dump_major &&
           (server_major >= transaction_timeout_since || tools.major < transaction_timeout_since);
}

}  // namespace

Tools find_tools(int server_major, const fs::path& directory) {
    std::optional<Tools> best;
    int newest = 0;
    for (auto& tools : installed(directory)) {
        newest = std::max(newest, tools.major);
        if (tools.major >= server_major && (!best || tools.major < best->major))
            best = std::move(tools);
    }
    if (best) {
        best->server_major = server_major;
        return *best;
    }
    const auto where = directory.empty() ? "" : fmt::format(" in '{}'", directory.native());
    throw Error(Errc::environment,
                newest == 0 ? fmt::format("no pg_dump is found{}", where)
                            : fmt::format("the newest pg_dump{} is {}, older than the server's {}",
                                          where, newest, server_major),
                package_of_client(server_major));
}

Tools find_restore_tools(int server_major, int pg_dump_major, const fs::path& directory) {
    std::optional<Tools> best;
    const auto distance = [&](const Tools& tools) { return std::abs(tools.major - server_major); };
    for (auto& tools : installed(directory))
        if (suits(tools, server_major, pg_dump_major) &&
            (!best || distance(tools) < distance(*best)))
            best = std::move(tools);
    if (best) {
        best->server_major = server_major;
        return *best;
    }
    if (suits({.major = pg_dump_major}, server_major, pg_dump_major))
        throw Error(Errc::environment,
                    fmt::format("the dump was made by pg_dump {}, and no pg_restore of version {} "
                                "or newer is installed",
                                pg_dump_major, pg_dump_major),
                    package_of_client(std::max(pg_dump_major, server_major)));
    throw Error(Errc::environment,
                fmt::format("the dump was made by pg_dump {0}, and pg_restore {0} does not work "
                            "with a server of version {1}",
                            pg_dump_major, server_major),
                fmt::format("restore into PostgreSQL {} or newer: install the package "
                            "postgresql-{}{}",
                            transaction_timeout_since, pg_dump_major, where_to_get));
}

}  // namespace mastobak::postgres
