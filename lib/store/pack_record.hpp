// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "store/formats/manifest.hpp"
#include "store/staging.hpp"

/// Packs that are not simply in media/: those of a run that has published no set (yet), and those
/// that are off-site alone. Each has a record, a small file that is written after what it says has
/// come true. lib/store/FORMAT.md has the format.
namespace mastobak::store {

struct PackRecord {
    std::string name;
    Bytes size;
    Digest sha256;
    Timestamp finished_at;             ///< when its last member was in it
    int pass = 0;                      ///< of that run: the packs of one pass are in path order
    bool away = false;                 ///< removed here, once it was verified at the remotes
    std::vector<std::string> remotes;  ///< that have it, by name
};

/// Takes a pack of a run into unfinished/, so that the next run has it if this one comes to no end.
/// \param pack  fsynced
/// \param lines of the index that name it, fsynced: "PACK.index.zst" afterwards
/// Throws Error{staging}.
void keep_unfinished(const Staging& staging, const std::filesystem::path& pack,
                     const std::filesystem::path& lines, const PackRecord& record);

/// Those in unfinished/ that are whole, by name: their file has its size, or is away; and their
/// lines are there. Whatever else has a record there is of no use. Throws Error{staging}.
std::vector<PackRecord> unfinished_packs(const Staging& staging);

/// Notes where an unfinished pack is by now. One that is away is removed here. Throws
/// Error{staging}; nothing is removed then that is not noted.
void note_remotes(const Staging& staging, const PackRecord& record);

/// Where the lines of an unfinished pack are.
std::filesystem::path lines_of(const Staging& staging, const std::string& pack);

/// Removes a pack from unfinished/, with all that is said of it. Throws Error{staging}.
void drop_unfinished(const Staging& staging, const std::string& pack);

/// Removes a published pack here, as it is verified at the remotes that the record names.
/// Throws Error{staging}; the pack is still here then.
void send_away(const Staging& staging, PackRecord record);

/// The packs that sets here need and that are off-site alone, as they were when this was made.
class AwayPacks {
 public:
    /// Throws Error{staging}. A damaged record is none.
    explicit AwayPacks(const Staging& staging);
    /// Null if that pack, with that size and these contents, is none of them.
    const PackRecord* find(const PackReference& pack) const;

 private:
    std::map<std::string, PackRecord> packs_;
};

/// Whether a pack that a set here needs is in media/, with its size.
bool is_here(const Staging& staging, const PackReference& pack);

}  // namespace mastobak::store
