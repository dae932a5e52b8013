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
    std::filesystem::path bin_directory{};  ///< of initdb and postgres
    /// A private directory "postgres-…" for the data is made in it.
    std::filesystem::path parent{};
    /// Where the socket is; empty: in that directory. A socket's path has 107 characters at most.
    std::filesystem::path socket_directory{};
    std::string user{};  ///< of the system, which root becomes; else we stay as we are
    std::vector<std::string> trusted;  ///< users of the system who may log in as the superuser
    /// What started us ends all that the server starts, and keeps it from the network (a unit of
    /// systemd). Otherwise namespaces do that, where the kernel lets us make them: always for root.
    bool contained = false;
};

/// A PostgreSQL of an empty cluster, as a child of this process, without a network.
///
/// Its superuser "postgres" is whom peer authentication finds among the trusted users; all other
/// roles need a password. It is ended by the destructor, with everything that it has started, and
/// removed; it dies with this process, and then the directory is left.
class ScratchServer {
 public:
    /// Returns when the server takes connections.
    /// Throws Error{environment} when it does not start, Error{cancelled}.
    explicit ScratchServer(const ScratchServerOptions& options, std::stop_token stop = {});
    ~ScratchServer();
    ScratchServer(const ScratchServer&) = delete;
    ScratchServer& operator=(const ScratchServer&) = delete;

    /// The role, of a database of the same name, as which the user who runs the server may log in;
    /// neither is there until the superuser makes it. What a database has the server do may read
    /// there what the drill of that very set has put there.
    static constexpr std::string_view guest = "mastobak_boot";

    const std::filesystem::path& socket_directory() const { return options_.socket_directory; }
    /// What comes before a command that may do no more than the server; empty: nothing confines it.
    const std::vector<std::string>& wall() const { return wall_; }
    bool ended() const;

 private:
    /// A directory that is removed with what is in it.
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
    const std::vector<std::string> wall_;  ///< goes before a command of the server

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    bool ended_ = false;  ///< guarded by mutex_, as the next one
    std::string why_;     ///< the server ended

    std::jthread server_;  ///< last: it uses all of the above
};

}  // namespace mastobak::postgres
