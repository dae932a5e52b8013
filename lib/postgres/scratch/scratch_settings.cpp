// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch/scratch_settings.hpp"

#include <fmt/format.h>

#include "postgres/names.hpp"
#include "postgres/scratch/scratch_server.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

std::string quoted(const std::string& name) {
    return sql_name(name);  // pg_hba.conf uses the same quotes as SQL
}

}  // namespace

std::vector<std::string> scratch_initdb_arguments(const fs::path& directory) {
    return {"--pgdata",        directory / "data", "--auth=peer", "--username=postgres",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"};
}

std::vector<std::string> scratch_server_arguments(const fs::path& directory,
                                                  const fs::path& sockets) {
    std::vector<std::string> arguments{"-D", directory / "data"};
    for (const auto& setting : std::initializer_list<std::string>{
             "listen_addresses=", "unix_socket_directories=" + quoted(sockets.native()),
             "port=5432", "hba_file=" + (directory / "pg_hba.conf").native(),
             "ident_file=" + (directory / "pg_ident.conf").native(),
             "password_encryption=scram-sha-256", "max_connections=20", "shared_buffers=64MB",
             "maintenance_work_mem=64MB",
             // Durability is not needed: after a crash, the data are removed.
             "fsync=off", "full_page_writes=off", "synchronous_commit=off",
             // It has no replicas, and its rows do not change.
             "wal_level=minimal", "max_wal_senders=0", "max_wal_size=512MB", "autovacuum=off",
             // JIT fails where memory cannot be writable and executable (MemoryDenyWriteExecute).
             "jit=off", "log_min_messages=fatal", "logging_collector=off"}) {
        arguments.emplace_back("-c");
        arguments.push_back(setting);
    }
    return arguments;
}

std::string scratch_hba() {
    return fmt::format(
        "local all postgres peer map=trusted\n"
        "local {0} {0} peer map=guest\n"
        "local all all scram-sha-256\n",
        ScratchServer::guest);
}

std::string scratch_ident(const std::vector<std::string>& trusted, const std::string& user) {
    std::string map;
    for (const auto& name : trusted) map += fmt::format("trusted {} postgres\n", quoted(name));
    return map + fmt::format("guest {} {}\n", quoted(user), ScratchServer::guest);
}

}  // namespace mastobak::postgres
