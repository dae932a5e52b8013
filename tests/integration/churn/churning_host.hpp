// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "backup/media/media_passes.hpp"
#include "backup/retention/prune.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"

namespace mastobak::test {

struct ChurnOptions {
    std::filesystem::path directory;  ///< for the tree and staging; must exist
    unsigned files = 400;
    unsigned mean_size = 2000;  ///< of a file, in bytes
    double churn = 0.01;        ///< share of the files that is replaced every day
    Bytes pack_size{20'000};    ///< a fortieth of the tree, like 1 GB on a small instance
    Bytes dump{20'000};         ///< size of a set's files except media and index
    config::Retention retention;
    int repack_below = 30;
};

/// A host on which a share of the media is replaced every day, and its daily backups: the media
/// pass, publication and retention of mastobak. A clock jumps from backup to backup.
class ChurningHost {
 public:
    explicit ChurningHost(const ChurnOptions& options);

    /// Simulates one day and the backup after it.
    void live_on();

    /// The sizes of staging in a backup.
    struct Size {
        Bytes most;   ///< when the new set was published, and no old set was removed yet
        Bytes after;  ///< when retention had been applied
        Bytes live;   ///< the needed part of `after`: sets' files, and members that an index names
        Bytes churn;  ///< media that are replaced in a day
    };
    const Size& size() const { return size_; }
    /// Returns the ratio of `most`, minus the churn of three days, to `live`.
    double overhead() const;

    std::vector<std::string> sets() const;
    /// Returns the problems that the verification of all sets finds, including members of packs.
    std::vector<std::string> damage() const;
    std::uint64_t repacked_files() const { return repacked_files_; }

 private:
    void add_file();
    void replace_some();
    void back_up();
    Bytes live_bytes() const;
    std::optional<backup::PreviousMedia> previous() const;

    const ChurnOptions options_;
    config::Config config_;
    backup::Plan plan_;
    Timestamp now_;
    std::mt19937 random_{1};
    std::vector<std::filesystem::path> files_;
    std::uint64_t made_ = 0;
    std::uint64_t added_files_ = 0;  ///< on the current day
    std::uint64_t repacked_files_ = 0;
    Size size_;
};

}  // namespace mastobak::test
