// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/dump_tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "containers/drill_container.hpp"
#include "containers/exec/exec.hpp"
#include "containers/exec/pg_dump.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/scratch/scratch_cluster.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

using containers::Inspected;

/// A server in a container, as a program in the container reaches it.
struct ServerInContainer {
    std::string id;
    std::string image;  ///< its ID
    std::string name;   ///< of the container
    std::string address;
    std::uint16_t port = 0;  ///< of the server itself; the container may publish another one
    std::string password{};  ///< secret
};

/// Returns a server in its own container; nullopt when that has no network.
/// \param host under which the host reaches it
std::optional<ServerInContainer> server_in(const Inspected& container, const std::string& host) {
    ServerInContainer server{container.id, container.image_id, container.name->to_string(), {}};
    std::vector<std::string> addresses{host, "127.0.0.1"};
    for (const auto& network : container.networks) addresses.push_back(network.address);
    for (auto& address : addresses)
        if (containers::is_own_address(container, address)) {
            server.address = std::move(address);
            return server;
        }
    return std::nullopt;
}

/// Returns the server of a service at the address by which the host reaches it; if no container has
/// that address, the first one.
std::optional<ServerInContainer> find_server(const ComposeFacts& compose,
                                             const std::string& service, const std::string& host) {
    std::optional<ServerInContainer> found;
    for (const auto& container : compose.project) {
        if (!container.running || !container.name || container.name->service != service) continue;
        auto server = server_in(container, host);
        if (server && server->address == host) return server;
        if (server && !found) found = std::move(server);
    }
    return found;
}

/// Runs something in a container. A failure there is one of the database.
template <typename Work>
auto of_the_database(const std::string& container, Work work) {
    try {
        return work();
    } catch (const Error& error) {
        if (error.code() != Errc::units) throw;
        throw Error(Errc::database, fmt::format("pg_dump in {}: {}", container, error.text()),
                    error.hint());
    }
}

Finished run_there(const fs::path& socket, const ServerInContainer& server,
                   const postgres::DumpCall& call, const std::stop_token& stop) {
    const auto& settings = call.settings;
    const containers::PgDump dump{.address = server.address,
                                  .port = server.port,
                                  .database = settings.database,
                                  .user = settings.user,
                                  .password = server.password,
                                  .session_options = call.session_options,
                                  .application = call.application,
                                  .snapshot = call.snapshot,
                                  .definitions_only = call.definitions_only,
                                  .lock_timeout = call.lock_timeout,
                                  .connect_timeout = settings.connect_timeout};
    return of_the_database(server.name, [&] {
        return containers::run_in_container({.socket = socket, .stop = stop}, server.id,
                                            containers::exec_body(dump),
                                            {call.on_output, call.on_error_line, call.silence});
    });
}

postgres::Tools tools_in(const fs::path& socket, const ServerInContainer& server,
                         const std::stop_token& stop) {
    postgres::Tools tools{.pg_dump = "pg_dump", .place = server.name};
    tools.version = of_the_database(server.name, [&] {
        return containers::pg_dump_version({.socket = socket, .stop = stop}, server.id,
                                           server.name);
    });
    tools.major = postgres::major_of(tools.version);
    tools.run = [socket, server](const postgres::DumpCall& call, const std::stop_token& stopped) {
        return run_there(socket, server, call, stopped);
    };
    return tools;
}

/// Returns the port on which the server itself listens.
std::uint16_t port_of(postgres::Connection& connection) {
    const auto text = connection.value("SELECT pg_catalog.current_setting('port')");
    const auto port = parse_number<std::uint16_t>(text);
    if (!port || *port == 0)
        throw Error(Errc::database, fmt::format("the server has the port '{}'", readable(text)));
    return *port;
}

/// Returns whether a drill can run in the image of the server's container.
bool image_is_there(const config::Config& config, const postgres::Tools& tools,
                    const fs::path& socket, const std::stop_token& stop) {
    if (!config.mastodon.compose.used()) return false;
    try {
        return containers::can_drill_in({.socket = socket, .stop = stop}, tools.image);
    } catch (const Error& error) {
        if (error.code() != Errc::units) throw;
        return false;
    }
}

}  // namespace

postgres::Tools dump_tools(const config::Config& config, const std::optional<ComposeFacts>& compose,
                           const postgres::Settings& settings, postgres::Connection& connection,
                           const std::stop_token& stop, const fs::path& socket) {
    const auto& database = config.database;
    const auto server_major = connection.server_major();
    const auto service = database.dump_service();
    auto server = compose ? find_server(*compose, service, settings.host) : std::nullopt;
    std::optional<Error> lacks;
    if (database.dump_in.empty()) {
        try {
            auto tools = postgres::find_tools(server_major, database.bin_directory);
            if (server) tools.image = server->image;
            return tools;
        } catch (const Error& error) {
            if (!compose) throw;
            lacks = error;
        }
    }
    if (!server && lacks)
        throw Error(lacks->code(), lacks->text(),
                    lacks->hint() + fmt::format("; or set database.dump_in to the service of the "
                                                "database ('{}' has no container with a network)",
                                                service));
    if (!server)
        throw Error(Errc::environment,
                    fmt::format("database.dump_in: the service '{}' has no container that runs and "
                                "has a network",
                                service),
                    "'docker compose ps' shows the project's containers");
    server->port = port_of(connection);
    server->password = connection.password();
    auto tools = tools_in(socket, *server, stop);
    if (tools.major < server_major)
        throw Error(Errc::environment,
                    fmt::format("pg_dump in {} is of version {}, older than the server's {}",
                                server->name, tools.major, server_major),
                    "is that the container of the database? see database.dump_in");
    tools.server_major = server_major;
    tools.image = server->image;
    try {
        tools.pg_restore =
            postgres::find_restore_tools(server_major, tools.major, database.bin_directory)
                .pg_restore;
    } catch (const Error& error) {
        // The night reads its dump without one, and restore_obstacles() reports it.
        if (error.code() != Errc::environment) throw;
    }
    return tools;
}

void try_tools(const postgres::Settings& settings, const postgres::Tools& tools,
               const postgres::DumpOptions& options, const std::stop_token& stop) {
    if (tools.place.empty()) {
        try_dump(settings, tools, postgres::DumpPart::definitions, options, stop);
        return;
    }
    // Another server does not know this snapshot.
    const postgres::Snapshot snapshot(settings, stop);
    try {
        try_dump(settings, tools, postgres::DumpPart::definitions, options, stop, snapshot.id());
    } catch (const Error& error) {
        if (error.text().find("snapshot") == std::string::npos) throw;
        throw Error(Errc::database,
                    fmt::format("pg_dump in {} reads another server than {}: {}", tools.place,
                                settings.to_string(), error.text()),
                    "name the service of Mastodon's database in database.dump_in");
    }
}

std::vector<std::string> restore_obstacles(const config::Config& config,
                                           const postgres::Tools& tools, const fs::path& socket,
                                           const std::stop_token& stop) {
    const auto& bin = config.database.bin_directory;
    const auto lack_of = [](auto check) -> std::optional<Error> {
        try {
            check();
            return std::nullopt;
        } catch (const Error& error) {
            return error;
        }
    };
    std::vector<std::string> obstacles;
    const auto add = [&obstacles](std::string_view what, const Error& lack, std::string_view more) {
        obstacles.push_back(
            fmt::format("{}: {}; hint: {}{}", what, lack.text(), lack.hint(), more));
    };
    const auto programs =
        lack_of([&] { postgres::find_restore_tools(tools.server_major, tools.major, bin); });
    if (programs) add("this host cannot restore the dump", *programs, "");
    if (config.drill.schedule == config::DrillSchedule::never) return obstacles;
    const auto server = lack_of([&] { postgres::check_scratch_server(tools.server_major, bin); });
    if (server && !image_is_there(config, tools, socket, stop))
        add("this host cannot drill the set", *server,
            config.mastodon.compose.used()
                ? "; or " + containers::hint_of_image(config.database.dump_service())
                : std::string());
    return obstacles;
}

}  // namespace mastobak::backup
