// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace mastobak::postgres {

/// An installed pg_dump and the pg_restore beside it.
struct Tools {
    std::filesystem::path pg_dump{};
    std::filesystem::path pg_restore{};
    int major = 0;
    std::string version{};  ///< "15.8 (Debian …)" as pg_dump --version says
    int server_major = 0;   ///< of the server that they were looked for; 0: not known
};

/// The server's own major if it is installed, else the next newer one.
/// \param directory where to look only; empty: /usr/lib/postgresql/*/bin, then PATH
/// Throws Error{environment} when all are older than the server; the hint names the package.
Tools find_tools(int server_major, const std::filesystem::path& directory = {});

/// Those whose pg_restore can read a dump and whose statements the server knows: at least
/// pg_dump's major, and of 16 or older for a server of 16 or older. The nearest to the server.
/// Throws Error{environment} when there is none; the hint names what to install.
/// Source: PostgreSQL's release notes of 17 (transaction_timeout, archive format 1.16).
Tools find_restore_tools(int server_major, int pg_dump_major,
                         const std::filesystem::path& directory = {});

}  // namespace mastobak::postgres
