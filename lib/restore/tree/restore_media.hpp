// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "media/index/index.hpp"
#include "restore/estimate.hpp"
#include "restore/selection.hpp"
#include "restore/source/pack_source.hpp"
#include "restore/tree/attributes.hpp"

namespace mastobak::restore {

/// The number of threads that read, hash and write.
inline constexpr unsigned restore_threads = 4;

/// Which media are restored, and where to.
struct MediaOptions {
    media::IndexFiles index;        ///< index of the set
    std::filesystem::path target;   ///< the media root; created when it is missing
    std::filesystem::path scratch;  ///< directory for lists of files; created, and removed again
    Selection selection{};
    std::optional<Owner> owner{};  ///< instead of the owners in the index
    /// The owner of a target that has to be created; empty leaves it to this process's user.
    std::optional<std::pair<uid_t, gid_t>> root_owner{};
    unsigned threads = restore_threads;
};

/// How far a media restore has come.
struct MediaProgress {
    std::uint64_t files = 0;  ///< finished files, including those that failed
    std::uint64_t of_files = 0;
    Bytes bytes;  ///< size of these files' contents
    Bytes of_bytes;
};
/// Called by one thread at a time.
using OnMediaProgress = std::function<void(const MediaProgress&)>;

/// The result of restoring media.
struct MediaReport {
    std::uint64_t files = 0;      ///< written files
    Bytes bytes;                  ///< size of the contents of the written files
    std::uint64_t identical = 0;  ///< files that were already there with the same contents
    std::uint64_t directories = 0;
    std::uint64_t links = 0;          ///< symbolic links and hard links
    std::uint64_t problem_count = 0;  ///< files that are not as they were
    /// Which files are not as they were, and why; the first hundred.
    std::vector<std::string> problems;
    /// The times of writing files that were not there, each in one thread.
    TimeFit times;
    std::chrono::nanoseconds sync{0};   ///< how long syncing everything to the disk took
    std::vector<std::string> warnings;  ///< attributes that the target cannot store, with counts
};

/// Restores a media tree, or a part of it. Each file is written under a temporary name, compared
/// with the index's hash, and renamed to its own name; links and directories follow, with owners,
/// modes and times. A file that is already there with the same contents is not written again, so
/// that an interrupted restore continues. Files that are not in the set stay as they are. A file
/// that cannot be restored (damage, a directory in its place) is in the report, and the other files
/// are restored. Everything is synced to the disk when the function returns.
/// Blocks. Throws Error{corrupt} for an index that cannot be read, Error{environment} for a target
/// that cannot be written (full, read-only), Error{offsite}, Error{usage} when a selected path is
/// not in the set, Error{cancelled}.
MediaReport restore_media(const MediaOptions& options, PackSource& packs,
                          const OnMediaProgress& progress, std::stop_token stop);

}  // namespace mastobak::restore
