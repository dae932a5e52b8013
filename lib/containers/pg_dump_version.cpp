// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/pg_dump_version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string_view>

#include "containers/exec.hpp"
#include "containers/pg_dump.hpp"
#include "core/error.hpp"

namespace mastobak::containers {

// It prints "pg_dump (PostgreSQL) 17.2 (Debian …)".
std::string pg_dump_version(const Connection& to, const std::string& id, const std::string& name) {
    constexpr std::string_view mark = "(PostgreSQL) ";
    constexpr std::size_t longest = 200;
    std::string output;
    const auto take = [&](std::span<const std::byte> block) {
        const auto room = longest - std::min(longest, output.size());
        output.append(reinterpret_cast<const char*>(block.data()), std::min(room, block.size()));
    };
    const auto finished = run_in_container(
        to, id, version_body(), {.on_output = take, .silence = std::chrono::seconds(20)});
    const auto at = output.find(mark);
    std::string version;
    if (finished.ok() && at != output.npos) version = output.substr(at + mark.size());
    version.resize(std::min(version.size(), version.find_first_of("\r\n")));
    if (version.empty() || version[0] < '1' || version[0] > '9')
        throw Error(Errc::environment,
                    fmt::format("pg_dump in {} does not run: {}", name, finished.reason()),
                    "does its image have the programs of PostgreSQL?");
    return version;
}

}  // namespace mastobak::containers
