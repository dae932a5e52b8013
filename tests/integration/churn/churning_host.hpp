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
    std::filesystem::path directory;  ///< for the tree and staging; has to be there
    unsigned files = 400;
    unsigned mean_size = 2000;  ///< bytes of a file
    double churn = 0.01;        ///< of the files, replaced every day
    Bytes pack_size{20'000};    ///< a fortieth of the tree, as a gigabyte is of a small instance's
    Bytes dump{20'000};         ///< what a set has beside media and index
    config::Retention retention;
    int repack_below = 30;
};

/// A host on which a share of the media is replaced by other media every day, and its nights: the
/// media pass, publication and retention of mastobak, by a clock that jumps from night to night.
class ChurningHost {
 public:
    explicit ChurningHost(const ChurnOptions& options);

    /// A day and its night.
    void live_on();

    /// What staging came to in a night.
    struct Size {
        Bytes most;   ///< when the new set was there, and nothing was removed yet
        Bytes after;  ///< when retention had been applied
        Bytes live;   ///< of the latter: files of the sets, and members that a set's index names
        Bytes churn;  ///< of media, in a day
    };
    const Size& size() const { return size_; }
    /// How far it is from what it may be: `most` less three days' churn, by `live`.
    double overhead() const;

    std::vector<std::string> sets() const;
    /// What verification of all sets has to say, members of packs included.
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
    std::uint64_t added_files_ = 0;  ///< today
    std::uint64_t repacked_files_ = 0;
    Size size_;
};

}  // namespace mastobak::test
