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

/// Named like a directory of daemon::ScratchDirectory, and locked like one, so that drills of this
/// host remove it when it is left.
constexpr std::string_view own_directory = "mastobak-docker";

// An earlier server may have left anything in the directories, as their owner. A process that a shell
// has in the background ignores SIGQUIT, until postgres sets its own handler, by which it ends at
// once; so the signal is repeated. When process 1 ends, all other processes of the container end.
constexpr auto script_of_server = R"(set -eu
umask 077
export LC_ALL=C.UTF-8
directory=$1 sockets=$2 alive=$3 hba=$4 ident=$5 arguments=$6
shift 6
log=$sockets/log
remove() {
    chmod -R u+rwX "$@" 2>/dev/null || :
    rm -rf "$@" || :
}
remove "$directory" "$sockets"/* "$sockets"/.[!.]* "$sockets"/..?*
: >"$log"
chmod 644 "$log"
exec 2>>"$log"
for program in initdb postgres pg_dump pg_restore flock nice; do
    command -v "$program" >/dev/null && continue
    echo "the image has no program '$program' in its PATH" >&2
    exit 1
done
mkdir "$directory"
exec 9<"$directory"
flock -x 9
trap 'remove "$directory"' EXIT
nice -n 19 initdb $arguments >/dev/null
printf '%s' "$hba" >"$directory/pg_hba.conf"
printf '%s' "$ident" >"$directory/pg_ident.conf"
nice -n 19 postgres "$@" >/dev/null 9<&- &
server=$!
trap 'kill -QUIT "$server"' TERM
{
    flock -s "$alive" true || :
    while kill -QUIT "$server" 2>/dev/null; do sleep 1; done
} >/dev/null 9<&- &
while kill -0 "$server" 2>/dev/null; do wait "$server" || :; done
remove "$sockets"/.[!.]*
)";

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

std::vector<std::string> scratch_command(const ScratchScript& where) {
    const auto directory = where.data / own_directory;
    std::string initdb;  // its arguments have no blanks
    for (const auto& argument : scratch_initdb_arguments(directory)) initdb += argument + " ";
    std::vector<std::string> command{
        "/bin/sh",   "-c",          script_of_server,
        "sh",        directory,     where.sockets,
        where.alive, scratch_hba(), scratch_ident(where.trusted, where.user),
        initdb};
    for (auto& argument : scratch_server_arguments(directory, where.sockets))
        command.push_back(std::move(argument));
    return command;
}

}  // namespace mastobak::postgres
