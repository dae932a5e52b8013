// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "media/index/path_order.hpp"
#include "media/tree/listing.hpp"

namespace mastobak::media {

/// Lists directories and stats their files in several threads, before a walk needs them. Each of
/// these calls waits for a cold disk, and Mastodon has three directories for each file.
///
/// It descends on its own, takes the directories nearest to the walk first, and stays a limited
/// number of names ahead of the walk.
class ListAhead {
 public:
    /// \param excluded names in the root that the walk does not enter
    ListAhead(Opener& opener, std::vector<std::string> excluded);
    /// Waits for the listings that have begun.
    ~ListAhead();
    ListAhead(const ListAhead&) = delete;
    ListAhead& operator=(const ListAhead&) = delete;

    /// Announces that the walk will take the directories among these names of `directory`. Never
    /// blocks; a directory for which there is no room is listed when it is taken.
    /// \param first index of the first name; announced_at_once names are announced
    void announce(const std::shared_ptr<const Directory>& directory, const Names& names,
                  std::size_t first);
    static constexpr std::size_t announced_at_once = 64;

    /// Returns the listing of a directory. Lists it in the caller's thread when no thread has
    /// begun.
    Listing take(const Directory& parent, const char* name);

 private:
    using Parent = std::shared_ptr<const Directory>;
    /// Weak: a directory that the walk has closed is not kept open for this.
    using Waiting = std::map<std::string, std::weak_ptr<const Directory>, PathOrder>;

    void work();
    bool may_begin();
    bool is_excluded(const char* name) const;
    void announce_locked(const Parent& directory, const Names& names, std::size_t first);

    Opener& opener_;
    const std::vector<std::string> excluded_;
    std::vector<char> block_;  ///< of the walk's own thread
    std::mutex mutex_;
    std::condition_variable announced_;
    std::condition_variable listed_;
    Waiting waiting_;
    /// The value is empty while a thread lists the directory.
    std::map<std::string, std::optional<Listing>, std::less<>> begun_;
    std::size_t names_ahead_ = 0;  ///< in what is begun
    const std::string* awaited_ = nullptr;
    bool filling_ = true;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace mastobak::media
