// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/channel.hpp"
#include "media/index/previous_index.hpp"
#include "media/read/read_ahead.hpp"
#include "media/tree/walk.hpp"
#include "media/warnings.hpp"

namespace mastobak::media {

/// A line of the new index in the making, and what there is to do for it.
struct Change {
    enum class Action {
        keep,     ///< the entry is complete
        symlink,  ///< to be packed
        read,     ///< a file to be packed; the job is reading it
        link,     ///< a file of several names: whether it is the first one is told by the order
    };
    Action action = Action::keep;
    Entry entry{};                    ///< keep and symlink: complete but for where it is packed
    std::shared_ptr<FileJob> job{};   ///< read
    std::optional<Found> found{};     ///< link
    std::optional<Entry> previous{};  ///< link: the old entry, if the file is unchanged
};

/// Walks the tree (or looks at parts of it) in a thread of its own, merges what it finds with the
/// previous index, and has everything read that the index does not have as it is now. Delivers in
/// index order.
class Changes {
 public:
    using Batch = std::vector<Change>;
    /// The next file or directory, in index order; nothing at the end.
    using Look = std::function<std::optional<Found>()>;

    /// \param look called in the thread
    Changes(Look look, PreviousIndex& previous, ReadAhead& reads, Warnings& warnings);
    /// Stops the thread, and waits for it.
    ~Changes();
    Changes(const Changes&) = delete;
    Changes& operator=(const Changes&) = delete;

    /// The next few; nothing at the end. Throws what look throws.
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
