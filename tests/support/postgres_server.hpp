// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A throwaway PostgreSQL server with a new cluster in a new directory. Clients connect through a
/// Unix socket (and by TCP if the settings enable it). The role 'postgres' is trusted. Needs root.
///
/// The server also ends when this process ends, for any reason.
class PostgresServer {
 public:
    /// \param settings "name=value", as for postgres -c
    /// \param files    names and contents of files in the data directory that the server must own,
    ///        such as its keys
    /// \param major    major version; 0: the newest installed one
    explicit PostgresServer(std::vector<std::string> settings = {},
                            const std::map<std::string, std::string>& files = {}, int major = 0);
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// Returns the server that the tests of this process share. The first call starts it.
    static PostgresServer& shared();

    /// Starts a standby of another server (pg_basebackup). Returns when it accepts connections.
    static std::unique_ptr<PostgresServer> standby_of(const PostgresServer& primary);

    /// Returns the major versions of the installed servers.
    static std::vector<int> installed();

    /// Returns the directory of the programs: "/usr/lib/postgresql/15/bin".
    const std::filesystem::path& bin() const { return bin_; }
    /// Returns the directory of the socket, for PGHOST.
    std::filesystem::path socket_directory() const { return directory_.path(); }
    /// Returns the port: 5432, unless the settings have another one.
    std::uint16_t port() const { return port_; }

    /// Makes an empty database, which replaces an existing one of that name.
    void create_database(const std::string& name) const;
    /// Makes a database with Mastodon's tables (mastodon_schema.sql), without rows.
    void create_mastodon(const std::string& name) const;
    /// Runs SQL as the superuser, and returns the output (unaligned, tuples only) without the last
    /// newline. Throws when a statement fails.
    std::string psql(const std::string& database, const std::string& sql) const;
    void psql_file(const std::string& database, const std::filesystem::path& file) const;

    /// Compares dumps of two databases, without owners, privileges and tablespaces. Returns the
    /// lines that only one of them has; empty when the dumps are equal.
    std::string differences(const std::string& a, const std::string& b) const;

    /// Replaces pg_hba.conf, and waits until the server uses it.
    void set_hba(const std::string& text) const;

    /// Suspends the server (SIGSTOP) until goes_on(): it accepts no connection and sends no reply.
    void hangs() const;
    void goes_on() const;

    /// Stops the server. To its clients, this looks like a crash.
    void stop();
    void start();

 private:
    /// For an object without a cluster, which is not started. A separate type, because two strings
    /// also convert to a path.
    struct Programs {
        std::filesystem::path directory;
    };
    explicit PostgresServer(const Programs& programs);

    std::string run_psql(std::vector<std::string> arguments) const;
    pid_t postmaster() const;

    TemporaryDirectory directory_;
    std::filesystem::path bin_;
    std::vector<std::string> settings_;
    std::uint16_t port_ = 5432;
    std::jthread server_;  ///< waits until postgres ends
};

}  // namespace mastobak::test
