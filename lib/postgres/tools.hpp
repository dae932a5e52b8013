// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/process/process.hpp"
#include "postgres/settings.hpp"

namespace mastobak::postgres {

/// What a pg_dump that does not run on this host is asked for.
struct DumpCall {
    Settings settings{};
    std::string session_options{};  ///< of its session, in the syntax of libpq's `options`
    std::string application{};
    std::string snapshot{};  ///< empty: none
    bool definitions_only = false;
    std::chrono::milliseconds lock_timeout{};
    std::chrono::milliseconds silence{};  ///< limit of the time without output
    std::function<void(std::span<const std::byte>)> on_output{};
    std::function<void(std::string_view)> on_error_line{};
};

/// Runs a pg_dump that is not on this host, as mastobak::run() runs a program.
using RunPgDump = std::function<Finished(const DumpCall&, std::stop_token)>;

/// What pg_restore is asked for.
struct RestoreCall {
    Settings settings{};
    std::string session_options{};  ///< of its sessions, in the syntax of libpq's `options`
    std::filesystem::path dump{};
    std::string list{};  ///< ids of the entries to restore, in order: pg_restore's --use-list
    std::string role{};  ///< creates all objects (SET ROLE); empty: the login
    unsigned jobs = 1;
    bool exit_on_error = false;
    bool no_privileges = false;
    std::function<void(std::string_view)> on_error_line{};
};

/// Runs a pg_restore that is not on this host, as mastobak::run() runs a program.
using RunPgRestore = std::function<Finished(const RestoreCall&, std::stop_token)>;

/// An installed pg_dump and the pg_restore beside it.
struct Tools {
    std::filesystem::path pg_dump{};
    std::filesystem::path pg_restore{};  ///< empty: this host has none that reads the dump
    int major = 0;
    std::string version{};  ///< "15.8 (Debian …)", from the output of pg_dump --version
    int server_major = 0;   ///< version of the server for which they were chosen; 0: not known
    /// Where pg_dump is instead of on this host: "mastodon/db/1.container".
    std::string place{};
    RunPgDump run{};             ///< runs it there; empty: it is on this host
    RunPgRestore run_restore{};  ///< runs pg_restore; empty: it is on this host
    /// ID of the image of the server's container; empty: the server is not in one that is known.
    std::string image{};
};

/// Returns the tools of the server's own major version if they are installed, else those of the
/// next newer one.
/// \param directory the only directory to search; empty: /usr/lib/postgresql/*/bin, then PATH
/// Throws Error{environment} when all are older than the server; the hint names the package.
Tools find_tools(int server_major, const std::filesystem::path& directory = {});

/// Returns tools whose pg_restore can read the dump and sends only statements that the server
/// knows: their major version is at least that of pg_dump, and at most 16 for a server of 16 or
/// older. If several fit, the one nearest to the server's version is chosen.
/// Throws Error{environment} when there is none; the hint names what to install.
/// Source: PostgreSQL's release notes of 17 (transaction_timeout, archive format 1.16).
Tools find_restore_tools(int server_major, int pg_dump_major,
                         const std::filesystem::path& directory = {});

}  // namespace mastobak::postgres
