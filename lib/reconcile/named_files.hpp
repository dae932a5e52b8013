// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mastodon/media_paths.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "postgres/rows.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::reconcile {

/// A file that a row of the database names.
struct NamedFile {
    std::string path;  ///< relative to the media root; untrusted data of the row, may contain ".."
    const mastodon::Attachment* attachment = nullptr;
    std::uint64_t id = 0;                 ///< ID of the row
    bool original = true;                 ///< false: another style (a thumbnail, for example)
    std::optional<std::uint64_t> size{};  ///< size of the original, if the row has it
};

/// A stream of all files that the database names, in the order of an index and in constant memory.
/// It queries one directory of the media root after the other. The server sorts the rows, and uses
/// temporary files for those that do not fit into its work_mem.
class NamedFiles {
 public:
    /// \param snapshot  outlives this object, and has to be free of other users during each call
    /// \param of_others also returns files of other servers
    /// \param excluded  directories of the media root to leave out
    NamedFiles(postgres::Snapshot& snapshot, bool of_others,
               const std::vector<std::string>& excluded);

    /// Returns the next file, nullopt after the last one. Throws Error{database}, Error{cancelled}.
    std::optional<NamedFile> next();

    /// Returns messages about tables and columns that this database does not have. The list is
    /// complete after next() has returned nullopt.
    const std::vector<std::string>& notes() const { return notes_; }

 private:
    bool open_rows();
    void read_row();
    void take_row();
    NamedFile take_pending();

    postgres::Snapshot& snapshot_;
    const bool of_others_;
    std::vector<mastodon::MediaRows> left_;  ///< directories to read, from the last to the first
    mastodon::MediaRows rows_;               ///< the directory that is being read
    std::unique_ptr<postgres::RowStream> stream_;
    std::optional<postgres::Row> row_;  ///< the next row, not processed yet
    std::string directory_;             ///< directory of that row's files
    std::vector<NamedFile> pending_;    ///< a heap: files of a later row may come before these
    std::vector<std::string> notes_;
};

/// Called with a file that the database names, and the index entry of that path: a file or a link.
/// The entry is null if the index does not have the path, or has a directory there.
using OnNamedFile = std::function<void(const NamedFile&, const media::Entry*)>;

/// Looks up every file that the database names in an index, by merging the two sorted streams. It
/// reads both to their ends, so that damage anywhere in the index is detected.
/// Throws the exceptions of both streams and of `on_file`; Error{cancelled} after `stop`.
void look_up(NamedFiles& named, media::IndexReader& index, const OnNamedFile& on_file,
             const std::stop_token& stop);

}  // namespace mastobak::reconcile
