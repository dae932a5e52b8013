// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/scratch/scratch_server.hpp"
#include "postgres/scratch/scratch_unit.hpp"

namespace mastobak::postgres {

/// A server that another component has started.
class ScratchElsewhere {
 public:
    ScratchElsewhere() = default;
    virtual ~ScratchElsewhere() = default;
    ScratchElsewhere(const ScratchElsewhere&) = delete;
    ScratchElsewhere& operator=(const ScratchElsewhere&) = delete;

    virtual std::filesystem::path socket_directory() const = 0;
    /// Throws Error{environment} when the server has ended.
    virtual void require_running() const = 0;
};

struct ScratchOptions {
    /// Runs the server as a unit of systemd (ScratchUnit::is_available) instead of as a child
    /// process.
    bool as_unit = false;
    /// The directory in which a private directory is created. Its path has to be short, as the
    /// path of a socket has at most 107 characters. `user` needs search permission for it.
    std::filesystem::path parent{};
    int major = 0;  ///< the dumped server's; the next newer one is used if it is not installed
    /// The system user as which a root process runs the server. No other cluster may trust it.
    std::string user = "mastobak-drill";
    std::filesystem::path bin_directory{};  ///< directory of initdb; empty: Debian's directory
    /// A server with the user above, which is used instead of a new one. It need not be ready yet.
    std::shared_ptr<const ScratchElsewhere> elsewhere{};
};

/// Checks that the programs of a server are installed with which a drill can be made.
/// \param major the dumped server's
/// Throws Error{environment}; the hint names the package.
void check_scratch_server(int major, const std::filesystem::path& bin_directory = {});

/// A throwaway PostgreSQL: a new, small cluster without network and without fsync, which accepts
/// connections only on a Unix socket. As the data that are loaded into it are hostile, it runs as a
/// separate user who cannot read our files, and all processes that it has started end with it.
///
/// The destructor stops and removes it within seconds. If this process is killed, the server ends,
/// too; its directory stays until the next drill removes it.
class ScratchCluster {
 public:
    /// Starts the server, and returns when it accepts connections.
    /// \param stop cancels the start; it has no effect on a running server
    /// Throws Error{environment} when PostgreSQL is not installed or does not start;
    /// Error{cancelled}.
    explicit ScratchCluster(const ScratchOptions& options, std::stop_token stop = {});

    /// Returns the directory of the data, whose file system needs free space.
    static std::filesystem::path place(const ScratchOptions& options);

    /// Returns how to connect as the superuser. Only the user of this process may do so.
    Settings settings(const std::string& database = "postgres") const;
    /// Returns how to connect as a role that add_role() has created.
    Settings settings_of(const std::string& role, const std::string& database) const;
    /// Returns the words to put before a command so that it is confined in the same way as the
    /// server. Empty when the server is a unit (systemd confines it) or is not confined.
    std::vector<std::string> wall() const;
    bool is_unit() const { return unit_.has_value(); }
    bool is_elsewhere() const { return elsewhere_ != nullptr; }
    /// Creates a role that may only log in.
    void add_role(const std::string& name) const;

 private:
    std::filesystem::path socket_directory() const;
    void wait_until_ready(const std::stop_token& stop) const;

    std::string password_;  ///< password of all roles except the superuser
    std::string user_;      ///< system user of the server
    std::optional<ScratchServer> server_{};
    std::optional<ScratchUnit> unit_{};
    std::shared_ptr<const ScratchElsewhere> elsewhere_{};
};

}  // namespace mastobak::postgres
