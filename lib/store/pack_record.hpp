// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "store/formats/manifest.hpp"
#include "store/pack_place.hpp"
#include "store/staging.hpp"

/// Records of packs that are not simply in media/: packs of a run that has not published a set yet,
/// and packs that are off-site only. A record is a small file that is written after the change that
/// it describes is complete. lib/store/FORMAT.md specifies the format.
namespace mastobak::store {

/// The record of a pack.
struct PackRecord {
    std::string name;
    Bytes size;
    Digest sha256;
    Timestamp finished_at;  ///< when its last member was complete
    /// The pass of the run that made it. The packs of one pass are in the order of paths.
    int pass = 0;
    PackPlace place = PackPlace::being_made;
    std::vector<std::string> remotes;  ///< names of the remotes that have it
};

/// Returns the path of a pack's record, "PACK.json", in a directory.
std::filesystem::path record_file(const std::filesystem::path& directory, const std::string& pack);

/// Writes a record durably. Throws Error{staging}.
void write_record(const std::filesystem::path& directory, const PackRecord& record);

/// Returns the records in a directory, sorted by name, with places in unfinished/; none if the directory does not exist.
/// Ignores damaged records: a power failure cannot produce them, and losing a record costs only
/// time.
/// Throws Error{staging}.
std::vector<PackRecord> read_records(const std::filesystem::path& directory);

/// Moves a finished pack of a run into unfinished/, so that the next run can use it if this run
/// does not publish a set.
/// \param pack  the pack's file, fsynced
/// \param lines index of the pack's members, fsynced; becomes "PACK.index.zst"
/// \return the record, with its new place
/// Throws Error{staging}.
PackRecord keep_unfinished(const Staging& staging, const std::filesystem::path& pack,
                           const std::filesystem::path& lines, PackRecord record);

/// Returns the records of usable packs in unfinished/, by name: the pack's file has the recorded
/// size or the pack is off-site only, and its index lines are there. Other records are ignored.
/// Throws Error{staging}.
std::vector<PackRecord> unfinished_packs(const Staging& staging);

/// Records where an unfinished pack is now, and removes the pack here if the record says that it is
/// off-site only. Throws Error{staging}; a pack is removed only after its record was written.
void note_remotes(const Staging& staging, const PackRecord& record);

/// Returns the path of an unfinished pack's index lines.
std::filesystem::path lines_of(const Staging& staging, const std::string& pack);

/// Removes a pack from unfinished/, with its record and its index lines. Throws Error{staging}.
/// \param from where it is
void drop_unfinished(const Staging& staging, const std::string& pack, PackPlace from);

/// Records that the remotes which the record names have a published pack, which was verified, and
/// removes it here if it is here.
/// \param record its place is `here`, or `absent` for a pack of a set that is fetched from a remote
/// Throws Error{staging}; the pack is then still here.
void evict(const Staging& staging, PackRecord record);

/// The off-site only packs that sets in staging need, as they were when this object was made.
class AwayPacks {
 public:
    /// Ignores damaged records. Throws Error{staging}.
    explicit AwayPacks(const Staging& staging);
    /// Returns the record of a pack with that name, size and digest; null if there is none.
    const PackRecord* find(const PackReference& pack) const;

 private:
    std::map<std::string, PackRecord> packs_;
};

/// Returns whether a pack is in media/ with its size.
bool is_here(const Staging& staging, const PackReference& pack);

}  // namespace mastobak::store
