// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace mastobak::postgres {

/// How a ScratchServer runs.
struct ScratchServerOptions {
    std::filesystem::path bin_directory{};  ///< directory of initdb and postgres
    /// The directory in which a private directory "postgres-…" for the data is created.
    std::filesystem::path parent{};
    /// The directory of the socket, whose path has at most 107 characters; empty: the private one.
    std::filesystem::path socket_directory{};
    std::string user{};                ///< system user of the server; empty: that of this process
    std::vector<std::string> trusted;  ///< system users who may log in as the superuser
    /// Whether this process runs in a unit of systemd that ends all processes of the server and
    /// keeps them from the network. If not, the server gets namespaces of its own, where the kernel
    /// allows that (for root always).
    bool contained = false;
};

/// A PostgreSQL server with an empty cluster, as a child of this process, without network.
///
/// The trusted system users may log in as the superuser "postgres" (peer authentication); all other
/// roles need a password. The destructor ends the server with all processes that it has started,
/// and removes its directory. If this process is killed, the server ends, but the directory stays.
class ScratchServer {
 public:
    /// Starts the server, and returns when it accepts connections.
    /// Throws Error{environment} when it does not start, Error{cancelled}.
    explicit ScratchServer(const ScratchServerOptions& options, std::stop_token stop = {});
    ~ScratchServer();
    ScratchServer(const ScratchServer&) = delete;
    ScratchServer& operator=(const ScratchServer&) = delete;

    /// The name of a role and of its database. The system user of the server may log in only as
    /// this role and to this database. Neither exists until the superuser creates it. So code in a
    /// restored database can connect to it, but finds there only data of the drill of its own set.
    static constexpr std::string_view guest = "mastobak_boot";

    const std::filesystem::path& socket_directory() const { return options_.socket_directory; }
    /// Returns the words to put before a command so that it is confined in the same way as the
    /// server; empty: the server is not confined.
    const std::vector<std::string>& wall() const { return wall_; }
    bool ended() const;

 private:
    /// A new directory. The destructor removes it with its content.
    struct Directory {
        std::filesystem::path path;
        explicit Directory(const ScratchServerOptions& options);
        ~Directory();
        Directory(const Directory&) = delete;
        Directory& operator=(const Directory&) = delete;
    };

    void write_settings() const;
    void initdb(const std::stop_token& stop) const;
    std::vector<std::string> server_command() const;
    void serve(const std::stop_token& stop);
    void wait_until_ready(const std::stop_token& stop);
    bool ready() const;

    ScratchServerOptions options_;
    const Directory directory_;
    const std::vector<std::string> wall_;  ///< words to put before a command of the server

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    bool ended_ = false;  ///< guarded by mutex_
    std::string why_;     ///< why the server ended; guarded by mutex_

    std::jthread server_;  ///< last: it uses all of the above
};

}  // namespace mastobak::postgres
