// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/error.hpp"
#include "postgres/restore/check.hpp"
#include "postgres/scratch/scratch_cluster.hpp"
#include "postgres/tools.hpp"
#include "restore/drill/drill.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// A set's database in a throwaway PostgreSQL, which is gone with this.
class DrillDatabase {
 public:
    /// Begins the server. Throws Error{environment}, Error{cancelled}.
    /// \param contents  of the dump, where they were recorded
    /// \param directory that the server's user can go through
    DrillDatabase(const store::Manifest& manifest, std::optional<postgres::Contents> contents,
                  const DrillOptions& options, const std::filesystem::path& directory,
                  std::stop_token stop);

    /// Where its data go: the file system that needs room.
    static std::filesystem::path place(const DrillOptions& options);

    /// Loads the dump.
    /// \param dump compressed
    /// \param checks gets "restore": bad when PostgreSQL does not take it
    /// \return whether it was taken
    /// Throws Error{environment}, also when the server ended or the disk filled up meanwhile, which
    /// is not a fault of the dump; Error{cancelled}.
    bool restore(const std::filesystem::path& dump, std::vector<postgres::Check>& checks,
                 const OnDrillProgress& progress, const std::stop_token& stop);

    /// What the restore has compared, and postgres::check_database. Throws as that.
    std::vector<postgres::Check> check(const OnDrillProgress& progress,
                                       const std::stop_token& stop) const;

    /// To connect to the restored database as its owner: what is in it is hostile.
    postgres::Settings settings() const;
    const postgres::ScratchCluster& cluster() const { return cluster_; }
    const postgres::DumpedDatabase& dumped() const { return dumped_; }
    /// That read the dump. Throws Error{environment}.
    postgres::Tools tools() const;
    /// How long restore() took.
    std::chrono::nanoseconds took() const { return took_; }

 private:
    static postgres::ScratchOptions scratch_options(const store::Manifest& manifest,
                                                    const DrillOptions& options,
                                                    const std::filesystem::path& directory);
    void make_roles(const std::stop_token& stop) const;
    /// Whether an error of PostgreSQL says nothing of the dump.
    bool is_of_this_host(const Error& error) const;

    const store::Manifest& manifest_;
    const DrillOptions& options_;
    const std::filesystem::path directory_;
    postgres::DumpedDatabase dumped_;
    postgres::Comparison comparison_;
    postgres::ScratchCluster cluster_;
    int server_major_ = 0;
    std::chrono::nanoseconds took_{0};
};

}  // namespace mastobak::restore
