// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>

#include "archive/owners.hpp"
#include "media/changes.hpp"
#include "media/index/index_writer.hpp"
#include "media/pack/digest_cache.hpp"
#include "media/pack/link_table.hpp"
#include "media/pack/pack_writer.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// Turns changes, in their order, into members of packs and lines of the new index.
class TreeWriter {
 public:
    TreeWriter(const TreeOptions& options, ReadAhead& reads, Warnings& warnings,
               std::stop_token stop);

    void add(Change change);
    TreeProgress progress() const { return progress_; }
    /// Ends the packs and the index; counts and all but what the walk knows.
    TreeResult finish();

 private:
    /// A file on its way into a pack.
    struct File {
        Entry entry;
        FileStatus status;
        std::optional<Digest> expected{};
        bool begun = false;  ///< its member is
        bool stored = false;
        bool has_links = false;    ///< which point to its member
        bool may_be_copy = false;  ///< all that its header says is in the index, too
    };

    void keep(const Entry& entry);
    void pack_symlink(Entry entry);
    void pack_file(FileJob& job);
    void add_link(const Found& found, const std::optional<Entry>& previous);
    /// The entry of a file of several names whose first name comes by now, unless it is gone.
    std::optional<Entry> pack_first(const Found& found);

    /// Whether the tale of the file is over.
    bool take(File& file, Message message);
    void begin(File& file, Opened opened);
    void end(File& file, const Ended& ended);
    /// Whether the contents are in a pack of the last set, so that the member just ended can go.
    bool deduplicate(File& file);
    void give_up(File& file);
    /// What was to be packed again is left where it is packed.
    void leave(std::string why);

    archive::Header header_of(const Entry& entry);
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
