// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/channel.hpp"
#include "media/index/previous_index.hpp"
#include "media/read/read_ahead.hpp"
#include "media/tree/walk.hpp"
#include "media/warnings.hpp"

namespace mastobak::media {

/// A future line of the new index, and the work that it still needs.
struct Change {
    enum class Action {
        keep,     ///< the entry is complete
        symlink,  ///< a symlink that has to be packed
        read,     ///< a file that has to be packed; `job` reads it
        link,     ///< a file with several names (hard links); TreeWriter packs only the first one
    };
    Action action = Action::keep;
    Entry entry{};                    ///< keep; symlink: complete except for its place in a pack
    std::shared_ptr<FileJob> job{};   ///< read
    std::optional<Found> found{};     ///< link
    std::optional<Entry> previous{};  ///< link: the old entry, if the file is unchanged
};

/// Merges the entries of the tree with the previous index in a thread of its own, and submits each
/// new or changed file to ReadAhead. next() returns the changes in index order.
class Changes {
 public:
    using Batch = std::vector<Change>;
    /// Returns the next file or directory in index order; nullopt at the end.
    using Look = std::function<std::optional<Found>()>;

    /// \param look     called in the thread of this object
    /// \param previous used in that thread until next() has returned nullopt; it and the next two
    ///                 have to outlive this object
    Changes(Look look, PreviousIndex& previous, ReadAhead& reads, Warnings& warnings);
    /// Stops the thread and waits for its end.
    ~Changes();
    Changes(const Changes&) = delete;
    Changes& operator=(const Changes&) = delete;

    /// Waits for the next batch of changes; nullopt at the end. Rethrows an exception of `look` or
    /// of reading the previous index.
    std::optional<Batch> next() { return batches_.pop(); }

 private:
    void work(const Look& look, PreviousIndex& previous);
    std::optional<Change> change_of(Found found, const Entry* previous);

    ReadAhead& reads_;
    Warnings& warnings_;
    Channel<Batch> batches_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace mastobak::media
