// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch/scratch_script.hpp"

#include "postgres/scratch/scratch_settings.hpp"

namespace mastobak::postgres {
namespace {

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
