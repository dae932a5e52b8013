// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/exec/pg_dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "containers/drill_container.hpp"
#include "containers/exec/program.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace mastobak::containers {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view lock_option = "--lock-wait-timeout=", snapshot_option = "--snapshot=",
                           definitions_option = "--schema-only";

Program program_of(const PgDump& dump) {
    Program program{.argv = {"pg_dump", "--format=custom", "--compress=0", "--no-password",
                             fmt::format("{}{}", lock_option, dump.lock_timeout.count())}};
    if (!dump.snapshot.empty())
        program.argv.push_back(std::string(snapshot_option) + dump.snapshot);
    if (dump.definitions_only) program.argv.emplace_back(definitions_option);
    // These replace what the container has. TLS is of no use within a container, but a server may
    // require it.
    program.environment = {"LC_ALL=C",
                           "PGSSLMODE=prefer",
                           "PGHOSTADDR=",
                           "PGHOST=" + dump.address,
                           fmt::format("PGPORT={}", dump.port),
                           "PGDATABASE=" + dump.database,
                           "PGUSER=" + dump.user,
                           "PGPASSWORD=" + dump.password,
                           "PGOPTIONS=" + dump.session_options,
                           "PGAPPNAME=" + dump.application,
                           fmt::format("PGCONNECT_TIMEOUT={}", dump.connect_timeout.count())};
    return program;
}

/// Source: PostgreSQL's pg_export_snapshot(): "00000003-0000001B-1"
bool is_snapshot(std::string_view text) {
    constexpr std::size_t longest = 64;
    return text.size() <= longest && text.find_first_not_of("0123456789ABCDEF-") == text.npos &&
           !text.starts_with('-');
}

bool is_sockets(std::string_view text) {
    return is_plain_path(text) && fs::path(text).filename() == DrillPlaces().sockets.filename();
}

bool is_address(std::string_view text) {
    constexpr std::size_t longest = 45;
    return !text.empty() && text.size() <= longest &&
           text.find_first_not_of("0123456789abcdefABCDEF:.") == text.npos;
}

bool is_permitted(const PgDump& dump) {
    constexpr std::size_t longest_name = 63, longest_password = 512, longest_options = 1024;
    constexpr std::chrono::hours longest_wait{24};
    return (is_address(dump.address) || is_sockets(dump.address)) && dump.port > 0 &&
           !dump.database.empty() && is_plain(dump.database, longest_name) && !dump.user.empty() &&
           is_plain(dump.user, longest_name) && is_plain(dump.password, longest_password) &&
           is_plain(dump.session_options, longest_options) &&
           is_plain(dump.application, longest_name) && is_snapshot(dump.snapshot) &&
           dump.lock_timeout.count() >= 0 && dump.lock_timeout <= longest_wait &&
           dump.connect_timeout.count() >= 0 && dump.connect_timeout <= longest_wait;
}

/// Reads what it knows. The caller compares the rest.
PgDump read_pg_dump(const Json& body) {
    PgDump dump;
    for (const auto& word : words_of(body)) {
        const std::string_view text = word;
        if (text.starts_with(lock_option))
            dump.lock_timeout = std::chrono::milliseconds(
                leading_number<std::int64_t>(text.substr(lock_option.size())));
        if (text.starts_with(snapshot_option)) dump.snapshot = text.substr(snapshot_option.size());
        if (text == definitions_option) dump.definitions_only = true;
    }
    auto variables = variables_of(body);
    dump.address = variables["PGHOST"];
    dump.port = leading_number<std::uint16_t>(variables["PGPORT"]);
    dump.database = variables["PGDATABASE"];
    dump.user = variables["PGUSER"];
    dump.password = variables["PGPASSWORD"];
    dump.session_options = variables["PGOPTIONS"];
    dump.application = variables["PGAPPNAME"];
    dump.connect_timeout =
        std::chrono::seconds(leading_number<std::int64_t>(variables["PGCONNECT_TIMEOUT"]));
    return dump;
}

}  // namespace

std::string exec_body(const PgDump& dump) {
    constexpr auto hint =
        "make that a plain value, or run pg_dump on the host: see database.dump_in";
    if (!is_permitted(dump))
        throw Error(Errc::database,
                    fmt::format("the settings of the database '{}' have a value that pg_dump in a "
                                "container cannot get: it is empty, too long, or has control "
                                "characters",
                                dump.database),
                    hint);
    try {
        return exec_body(program_of(dump));
    } catch (const Json::exception&) {
        throw Error(Errc::database,
                    "the settings of the database have a value that is not UTF-8, which pg_dump in "
                    "a container cannot get",
                    hint);
    }
}

std::optional<PgDump> parse_pg_dump(const std::string& body) {
    const auto json = Json::parse(body, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    auto dump = read_pg_dump(json);
    // What the helper makes of the values has to be what the client has sent, so that nothing else
    // is in it.
    if (!is_permitted(dump) || Json::parse(exec_body(program_of(dump))) != json)
        return std::nullopt;
    return dump;
}

std::string version_body() {
    return exec_body(Program{.argv = {"pg_dump", "--version"}});
}

bool is_own_address(const Inspected& container, const std::string& address) {
    if (container.network_mode == "host") return address == "127.0.0.1" || address == "::1";
    return !address.empty() && std::ranges::any_of(container.networks, [&](const auto& network) {
        return network.address == address;
    });
}

}  // namespace mastobak::containers
