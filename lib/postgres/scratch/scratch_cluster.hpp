// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/scratch/scratch_server.hpp"
#include "postgres/scratch/scratch_unit.hpp"

namespace mastobak::postgres {

struct ScratchOptions {
    /// Whether systemd runs it (ScratchUnit::is_available); else it is a child of this process.
    bool as_unit = false;
    /// The parent directory: a private directory is made in it; short, as a socket's path has 107
    /// characters at most. As root: one that the user can go through.
    std::filesystem::path parent{};
    int major = 0;  ///< of the server that was dumped: this one, or the next newer one installed
    /// The system's user that root's child runs as. No other cluster may trust it.
    std::string user = "mastobak-drill";
    std::filesystem::path bin_directory{};  ///< of initdb; empty: where Debian has it
};

/// A throwaway PostgreSQL: a new cluster, reached by a socket alone, without a network, small, and
/// without care for what a crash would leave. What is loaded into it is hostile: so it runs as a
/// user of its own who may read nothing of ours, and all that it has started ends with it.
///
/// Stopped at once and removed by the destructor, within seconds. It dies with this process,
/// whatever ends that; the directory is left then, and removed by the next.
class ScratchCluster {
 public:
    /// \param stop ends the beginning; not what runs
    /// Throws Error{environment}: not installed, it does not start; Error{cancelled}.
    explicit ScratchCluster(const ScratchOptions& options, std::stop_token stop = {});

    /// Where the data go: the file system that needs room.
    static std::filesystem::path place(const ScratchOptions& options);

    /// The way in, as the superuser: for this process's user and its children alone.
    Settings settings(const std::string& database = "postgres") const;
    /// The way in as a role that add_role has made.
    Settings settings_of(const std::string& role, const std::string& database) const;
    /// What comes before a command so that it may do no more than the server does; empty where
    /// that is systemd's to say, or nothing here confines it.
    std::vector<std::string> wall() const;
    bool is_unit() const { return unit_.has_value(); }
    /// Makes a role that may log in, and nothing else.
    void add_role(const std::string& name) const;

 private:
    std::filesystem::path socket_directory() const;

    std::string password_;  ///< of all roles but the superuser
    std::optional<ScratchServer> server_{};
    std::optional<ScratchUnit> unit_{};
};

}  // namespace mastobak::postgres
