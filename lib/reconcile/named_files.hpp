// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mastodon/media_rows.hpp"
#include "postgres/rows.hpp"

namespace mastobak::reconcile {

/// A file that a row of the database names.
struct NamedFile {
    std::string path;  ///< relative to the media root; as the row has it, perhaps with ".."
    const mastodon::Attachment* attachment = nullptr;
    std::uint64_t id = 0;                 ///< of the row
    bool original = true;                 ///< and not a further style of it
    std::optional<std::uint64_t> size{};  ///< of the original, if the row knows
};

/// All files that the database names, in the order of an index, in constant memory: the server
/// sorts the rows (and spills to its disk what does not fit in its work_mem), one directory of the
/// media root after the other.
class NamedFiles {
 public:
    /// \param connection Snapshot's; outlives this, and is not used by others during the call
    /// \param of_others also files of other servers
    /// \param excluded directories of the media root whose files are not asked for
    NamedFiles(postgres::Connection& connection, bool of_others,
               const std::vector<std::string>& excluded);

    /// Nothing at the end. Throws Error{database|cancelled}.
    std::optional<NamedFile> next();

    /// Tables and columns that this database does not have; all of them after the end.
    const std::vector<std::string>& notes() const { return notes_; }

 private:
    bool open_rows();
    void read_row();
    void take_row();
    NamedFile take_pending();

    postgres::Connection& connection_;
    const bool of_others_;
    std::vector<mastodon::MediaRows> left_;  ///< the next one is the last
    mastodon::MediaRows rows_;               ///< that are being read
    std::unique_ptr<postgres::RowStream> stream_;
    std::optional<postgres::Row> row_;  ///< read, but not taken
    std::string directory_;             ///< of its files
    std::vector<NamedFile> pending_;    ///< a heap: files that a later row's may still precede
    std::vector<std::string> notes_;
};

}  // namespace mastobak::reconcile
