// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>

#include "archive/tar.hpp"
#include "media/changes.hpp"
#include "media/index/index_writer.hpp"
#include "media/pack/digest_cache.hpp"
#include "media/pack/link_table.hpp"
#include "media/pack/pack_writer.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// Writes the members of packs and the lines of the new index for changes, in their order.
class TreeWriter {
 public:
    TreeWriter(const TreeOptions& options, ReadAhead& reads, Warnings& warnings,
               std::stop_token stop);

    /// Waits for the contents of a file that has to be packed.
    /// Throws Error{media} for a file that may not be read, Error{staging}, Error{cancelled}.
    void add(Change change);
    TreeProgress progress() const { return progress_; }
    /// Ends the packs and the index. The result lacks only the counts that the walk has. No other
    /// call may follow. Throws Error{staging}.
    TreeResult finish();

 private:
    /// A file that is being packed.
    struct File {
        Entry entry;
        FileStatus status;
        std::optional<Digest> expected{};
        bool begun = false;  ///< its member was begun
        bool stored = false;
        bool has_links = false;    ///< hard links refer to its member
        bool may_be_copy = false;  ///< the index has everything that its own header would have
    };

    void keep(const Entry& entry);
    void pack_symlink(Entry entry);
    void pack_file(FileJob& job);
    void add_link(const Found& found, const std::optional<Entry>& previous);
    /// Packs the first name of a file with several names. Returns its entry; nullopt when the file
    /// was removed or is damaged on disk.
    std::optional<Entry> pack_first(const Found& found);

    /// Handles a message of the reader. Returns whether it was the last one of the file.
    bool take(File& file, Message message);
    void begin(File& file, Opened opened);
    void end(File& file, const Ended& ended);
    /// Returns whether a pack of the last set has the contents; the new member is removed then.
    bool deduplicate(File& file);
    /// Takes back the member of a file, if it was begun.
    void give_up(File& file);
    /// Leaves a file that should be repacked in its old pack, and adds a warning.
    void leave(std::string why);

    void locate(Entry& entry, Location location);
    void write(const Entry& entry);

    ReadAhead& reads_;
    Warnings& warnings_;
    std::stop_token stop_;
    IndexWriter index_;
    PackWriter packs_;
    const DigestCache* const known_;
    archive::Owners owners_;
    LinkTable links_;
    TreeProgress progress_;
    TreeResult result_;
};

}  // namespace mastobak::media
