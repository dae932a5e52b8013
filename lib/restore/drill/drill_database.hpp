// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/error.hpp"
#include "postgres/check/check.hpp"
#include "postgres/scratch/scratch_cluster.hpp"
#include "postgres/tools.hpp"
#include "restore/drill/drill.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// A set's database in a throwaway PostgreSQL. The destructor removes the server.
class DrillDatabase {
 public:
    /// Starts the server.
    /// \param contents  contents of the dump; nullopt if the set does not have them
    /// \param directory directory that the server's user can traverse
    /// Throws Error{environment}, Error{cancelled}.
    DrillDatabase(const store::Manifest& manifest, std::optional<postgres::Contents> contents,
                  const DrillOptions& options, const std::filesystem::path& directory,
                  std::stop_token stop);

    /// Returns the directory for the server's data, whose file system needs the room.
    static std::filesystem::path place(const DrillOptions& options);

    /// Loads the dump.
    /// \param dump   the compressed dump
    /// \param checks receives the check "restore", which is bad when PostgreSQL cannot load the
    ///               dump
    /// \return whether PostgreSQL has loaded the dump
    /// Throws Error{environment}, also when the server has ended or the disk was full, which is not
    /// a fault of the dump; Error{cancelled}.
    bool restore(const dumps::StoredDump& dump, std::vector<postgres::Check>& checks,
                 const OnDrillProgress& progress, const std::stop_token& stop);

    /// Returns the checks that the restore has made, and those of postgres::check_database.
    /// Throws as postgres::check_database does.
    std::vector<postgres::Check> check(const OnDrillProgress& progress,
                                       const std::stop_token& stop) const;

    /// Returns the settings to connect to the restored database as its owner. Its contents are
    /// hostile.
    postgres::Settings settings() const;
    const postgres::ScratchCluster& cluster() const { return cluster_; }
    const postgres::DumpedDatabase& dumped() const { return dumped_; }
    /// Returns the tools that can read the dump. Throws Error{environment}.
    postgres::Tools tools() const;
    /// Returns whether these are on this host.
    bool has_own_tools() const { return !image_; }
    /// Returns how long restore() took.
    std::chrono::nanoseconds took() const { return took_; }

 private:
    static postgres::ScratchOptions scratch_options(const store::Manifest& manifest,
                                                    const DrillOptions& options,
                                                    const std::filesystem::path& directory);
    postgres::ScratchOptions with_image() const;
    /// Returns nullopt when those of this host are used.
    std::optional<postgres::Tools> tools_of_image(const std::stop_token& stop) const;
    void make_roles(const std::stop_token& stop) const;
    /// Returns whether an error of PostgreSQL is a fault of this host and not of the dump.
    bool is_of_this_host(const Error& error) const;

    const store::Manifest& manifest_;
    const DrillOptions& options_;
    const std::filesystem::path directory_;
    postgres::DumpedDatabase dumped_;
    postgres::Comparison comparison_;
    std::shared_ptr<const ImageServer> image_;  ///< null: this host has PostgreSQL for the set
    postgres::ScratchCluster cluster_;
    int server_major_ = 0;
    std::chrono::nanoseconds took_{0};
};

}  // namespace mastobak::restore
