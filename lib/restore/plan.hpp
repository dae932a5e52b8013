// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "restore/restore_set.hpp"

/// Computes, before a restore begins, how much it will fetch and how much room it needs.
namespace mastobak::restore {

/// How much a restore will fetch of files and packs, without the small gaps between members that it
/// also reads. A restore fetches less when files are already in the target.
struct FetchPlan {
    Bytes database;
    Bytes configuration;
    Bytes media;  ///< packs, and the index or the needed parts of it
    std::uint64_t media_files = 0;
    Bytes media_room;  ///< room that these files need at least, when they have holes
    Bytes total() const { return database + configuration + media; }
};

/// Computes the plan. Reads the index, or parts of it, when media are wanted, and changes nothing.
/// Throws as SetSource does, and Error{usage} for a part or path that the set does not have.
FetchPlan plan_fetch(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                     std::stop_token stop);

/// The room that a part of a restore needs in a directory, and the room that is free there.
struct Room {
    std::string what{};             ///< "media"
    std::filesystem::path where{};  ///< may not exist yet
    Bytes needed;
    Bytes free;
    /// Less room may be enough: media that are already there are not written again, and a database
    /// that was in use is larger than a newly loaded one.
    bool at_most = false;

    bool enough() const { return free >= needed; }
};

/// Returns the room for temporary files, for the database if its server is on this host, and for
/// media. A data directory that cannot be determined is left out.
/// Throws Error{environment} when the free space cannot be read, Error{cancelled}.
std::vector<Room> rooms_for(const SetSource& source, const store::Manifest& manifest,
                            const SetOptions& options, const FetchPlan& plan, std::stop_token stop);

/// Checks the rooms.
/// Throws Error{environment} when a directory has less room than the restore needs in any case.
void require(const std::vector<Room>& rooms);

}  // namespace mastobak::restore
