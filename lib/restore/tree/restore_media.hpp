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
#include "restore/estimate.hpp"
#include "restore/selection.hpp"
#include "restore/source/pack_source.hpp"
#include "restore/tree/attributes.hpp"

namespace mastobak::restore {

/// How many threads read, hash and write.
inline constexpr unsigned restore_threads = 4;

/// What of a media tree is restored, and where to.
struct MediaOptions {
    std::filesystem::path index;    ///< of the set
    std::filesystem::path target;   ///< the media root; made when it is missing
    std::filesystem::path scratch;  ///< for lists of files; made, and removed again
    Selection selection{};
    std::optional<Owner> owner{};  ///< instead of those in the index
    /// The owner of a target that has to be made; nothing: ourselves.
    std::optional<std::pair<uid_t, gid_t>> root_owner{};
    unsigned threads = restore_threads;
};

struct MediaProgress {
    std::uint64_t files = 0;  ///< done, in vain too
    std::uint64_t of_files = 0;
    Bytes bytes;  ///< of their contents
    Bytes of_bytes;
};
/// One thread at a time.
using OnMediaProgress = std::function<void(const MediaProgress&)>;

struct MediaReport {
    std::uint64_t files = 0;      ///< written
    Bytes bytes;                  ///< of their contents
    std::uint64_t identical = 0;  ///< were there already, byte by byte
    std::uint64_t directories = 0;
    std::uint64_t links = 0;            ///< symbolic and hard
    std::uint64_t problem_count = 0;    ///< files that are not what they were
    std::vector<std::string> problems;  ///< of the first hundred of them: which, and why
    TimeFit times;                     ///< of writing files that were not there, each in one thread
    std::chrono::nanoseconds sync{0};  ///< until all of it was on the disk
    std::vector<std::string> warnings;  ///< attributes that the target cannot have, with counts
};

/// Restores a media tree, or a part of it: each file is written beside its name, compared with the
/// index's hash, and put in its place; links and directories follow, with owners, modes and times.
/// Files that are there with the same contents are not written again, so that an interrupted
/// restore continues; what is there and is not in the set is left alone. A file that cannot be
/// restored (damage, a directory in its way) is in the report, and the others are restored.
/// All is on the disk when this returns.
/// Blocks. Throws Error{corrupt} for an index that cannot be read, Error{environment} for a target
/// that takes nothing (full, read-only), Error{offsite}, Error{usage} when a selected path is not
/// in the set, Error{cancelled}.
MediaReport restore_media(const MediaOptions& options, PackSource& packs,
                          const OnMediaProgress& progress, std::stop_token stop);

}  // namespace mastobak::restore
