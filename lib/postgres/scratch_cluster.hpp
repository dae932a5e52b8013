// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "core/process.hpp"
#include "postgres/connection.hpp"

namespace mastobak::postgres {

struct ScratchOptions {
    /// A private directory is made in it; short, as a socket's path has 107 characters at most.
    /// As root: one that the user can go through.
    std::filesystem::path parent{};
    int major = 0;  ///< of the server that was dumped: this one, or the next newer one installed
    std::string user = "postgres";          ///< of the system, as PostgreSQL refuses root; else we
    std::filesystem::path bin_directory{};  ///< of initdb; empty: where Debian has it
};

/// A throwaway PostgreSQL: a new cluster in a directory that only its user can enter, reached by a
/// socket in that alone, small, and without care for what a crash would leave.
///
/// Stopped at once and removed by the destructor, within seconds. It dies with this process,
/// whatever ends that; the directory ("postgres-…") is left then.
class ScratchCluster {
 public:
    /// \param stop ends the beginning; not what runs
    /// Throws Error{environment}: not installed, it does not start; Error{cancelled}.
    explicit ScratchCluster(const ScratchOptions& options, std::stop_token stop = {});
    ~ScratchCluster();
    ScratchCluster(const ScratchCluster&) = delete;
    ScratchCluster& operator=(const ScratchCluster&) = delete;

    /// The way in, as the superuser.
    Settings settings(const std::string& database = "postgres") const;
    void add_role(const std::string& name) const;

 private:
    /// A directory that is removed with what is in it.
    struct Directory {
        std::filesystem::path path;
        explicit Directory(const ScratchOptions& options);
        ~Directory();
        Directory(const Directory&) = delete;
        Directory& operator=(const Directory&) = delete;
    };

    void initdb(const std::filesystem::path& bin, const std::string& user,
                const std::stop_token& stop) const;
    void serve(const std::filesystem::path& bin, const std::string& user,
               const std::stop_token& stop);
    void wait_until_ready(const std::stop_token& stop);
    bool ready() const;
    void end_server();

    const Directory directory_;

    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool ended_ = false;  ///< guarded by mutex_, as the next one
    std::string why_;     ///< the server ended

    std::jthread server_;  ///< last: it uses all of the above
};

}  // namespace mastobak::postgres
