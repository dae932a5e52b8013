// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"
#include "store/staging.hpp"

namespace mastobak::test {

struct DumpedNightsOptions {
    std::filesystem::path directory;  ///< for staging and state; must exist
    postgres::Settings settings;      ///< of the database
    config::Database database;        ///< how dumps are stored
    config::Retention retention;
};

/// The nights of a host without media: mastobak's dump, publication and retention. A clock jumps
/// from night to night.
class DumpedNights {
 public:
    explicit DumpedNights(const DumpedNightsOptions& options);

    /// Dumps the database into a new set.
    /// \param at_its_instant called while the snapshot of the set is open
    void back_up(const std::function<void(const postgres::Snapshot&)>& at_its_instant = {});
    /// Applies retention, and returns its warnings.
    std::vector<std::string> prune() const;
    /// Lets a day pass.
    void sleep() { now_ += std::chrono::hours(24); }

    const store::Staging& staging() const { return staging_; }
    /// Returns the bytes of the files that the last set added.
    Bytes added() const { return added_; }
    /// Returns the bytes of all files of sets and of bases.
    Bytes stored() const;
    /// Returns the bytes that the manifests of all sets name, with each base once.
    Bytes named() const;
    /// Returns the problems that the verification of all sets finds.
    std::vector<std::string> damage() const;

 private:
    config::Config config_;
    postgres::Settings settings_;
    store::Staging staging_;
    Timestamp now_;
    Bytes added_;
};

}  // namespace mastobak::test
