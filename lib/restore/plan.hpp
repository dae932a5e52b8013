// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "restore/restore_set.hpp"

/// What a restore would take, before it is begun.
namespace mastobak::restore {

/// What a restore will fetch: exactly what it reads of files and packs, but for small gaps between
/// members, and less when files are there already.
struct FetchPlan {
    Bytes database;
    Bytes configuration;
    Bytes media;  ///< of packs, and the index or the parts of it that it takes
    std::uint64_t media_files = 0;
    Bytes media_room;  ///< that these files take at least, holes and all
    Bytes total() const { return database + configuration + media; }
};

/// Reads the index, or parts of it, when media is wanted; touches nothing else.
/// Throws as SetSource does, and Error{usage} for a part or path that the set does not have.
FetchPlan plan_fetch(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                     std::stop_token stop);

/// What a restore puts somewhere, and what is free there.
struct Room {
    std::string what{};             ///< "media"
    std::filesystem::path where{};  ///< it may have to be made
    Bytes needed;
    Bytes free;
    /// Less may do: media that is there already is not written again, and a database that was in
    /// use is larger than one that is new.
    bool at_most = false;

    bool enough() const { return free >= needed; }
};

/// For temporary files, for the database where its server is on this host, for media.
/// Throws Error{cancelled}; what cannot be looked at is left out.
std::vector<Room> rooms_for(const SetSource& source, const store::Manifest& manifest,
                            const SetOptions& options, const FetchPlan& plan, std::stop_token stop);

/// Throws Error{environment} when a place certainly has not enough.
void require(const std::vector<Room>& rooms);

}  // namespace mastobak::restore
