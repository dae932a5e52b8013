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

/// A throwaway PostgreSQL of the newest installed version: a fresh cluster in a directory of its
/// own, reached through a Unix socket (and by TCP where its settings say so), role 'postgres'
/// trusted. Needs root.
///
/// It dies with this process, whatever ends it.
class PostgresServer {
 public:
    /// \param settings "name=value", as postgres -c takes them
    /// \param files    that it owns, in its data directory, as its keys have to be: name, contents
    /// \param major    of its version; 0: the newest that is installed
    explicit PostgresServer(std::vector<std::string> settings = {},
                            const std::map<std::string, std::string>& files = {}, int major = 0);
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// The one that the tests of this process share; started at the first call.
    static PostgresServer& shared();

    /// A server that follows the other one (pg_basebackup), and is ready to be asked.
    static std::unique_ptr<PostgresServer> standby_of(const PostgresServer& primary);

    /// The major versions whose servers are installed.
    static std::vector<int> installed();

    /// Where the programs are: "/usr/lib/postgresql/15/bin".
    const std::filesystem::path& bin() const { return bin_; }
    /// PGHOST: the directory of the socket.
    std::filesystem::path socket_directory() const { return directory_.path(); }
    /// 5432, or as the settings say.
    std::uint16_t port() const { return port_; }

    /// Makes an empty database, in place of one of that name.
    void create_database(const std::string& name) const;
    /// Makes one with Mastodon's tables (mastodon_schema.sql), without rows.
    void create_mastodon(const std::string& name) const;
    /// Runs SQL as the superuser; what it prints (unaligned, tuples only), without the last
    /// newline. Throws when a statement fails.
    std::string psql(const std::string& database, const std::string& sql) const;
    void psql_file(const std::string& database, const std::filesystem::path& file) const;

    /// Lines of a dump, without owners, privileges and tablespaces, that only one of two databases
    /// has: nothing, where they are the same.
    std::string differences(const std::string& a, const std::string& b) const;

    /// Replaces pg_hba.conf, and waits until it counts.
    void set_hba(const std::string& text) const;

    /// It accepts nobody any more and says nothing (SIGSTOP), until goes_on().
    void hangs() const;
    void goes_on() const;

    /// A crash, as far as clients can tell.
    void stop();
    void start();

 private:
    /// Without a cluster: not started. A type of its own, as two strings make a path as well.
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
    std::jthread server_;  ///< waits for the end of postgres
};

}  // namespace mastobak::test
