// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// What all throwaway servers have in common, wherever they run. Internal to scratch/.
namespace mastobak::postgres {

/// \param directory the cluster is in its `data`, and the files of pg_hba and pg_ident are in it
std::vector<std::string> scratch_initdb_arguments(const std::filesystem::path& directory);
/// \param sockets directory of the socket
std::vector<std::string> scratch_server_arguments(const std::filesystem::path& directory,
                                                  const std::filesystem::path& sockets);

/// Returns the texts of pg_hba.conf and pg_ident.conf. The system user of the server may not log in
/// as the superuser. So code in a database that connects to the server itself (by dblink, for
/// example) does not gain rights.
std::string scratch_hba();
/// \param trusted system users who may log in as the superuser
/// \param user    system user of the server
std::string scratch_ident(const std::vector<std::string>& trusted, const std::string& user);

/// A throwaway server that is the first process of a container, where mastobak itself is not.
struct ScratchScript {
    /// A directory of the server's user, in which one for this server is made anew.
    std::filesystem::path data;
    std::filesystem::path sockets;  ///< a directory of the server's user; it is emptied
    /// The server ends when the lock of this file (flock(2)) is free.
    std::filesystem::path alive;
    std::vector<std::string> trusted;  ///< system users who may log in as the superuser
    std::string user;                  ///< system user of the server
};

/// What initdb and postgres have complained of, in the directory of the socket.
inline constexpr std::string_view scratch_log = "log";

/// Returns the command that runs such a server, as a script of a POSIX shell. It needs PostgreSQL's
/// programs in the PATH, and flock.
std::vector<std::string> scratch_command(const ScratchScript& script);

}  // namespace mastobak::postgres
