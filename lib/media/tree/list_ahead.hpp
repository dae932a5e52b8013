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

/// Lists directories in several threads, with looks at their files, before a walk comes to them:
/// on a cold disk each of these waits, and Mastodon has three directories to a file.
///
/// It goes down on its own, nearest to the walk first, and stays a bounded way ahead of it.
class ListAhead {
 public:
    /// \param excluded names in the root that the walk will not take
    ListAhead(Opener& opener, std::vector<std::string> excluded);
    /// Waits for what is under way.
    ~ListAhead();
    ListAhead(const ListAhead&) = delete;
    ListAhead& operator=(const ListAhead&) = delete;

    /// Says that the walk will take the directories among these names, which are in that one. Never
    /// blocks; what there is no room for is listed when it is taken.
    /// \param first from there on, as many names as are announced_at_once
    void announce(const std::shared_ptr<const Directory>& directory, const Names& names,
                  std::size_t first);
    static constexpr std::size_t announced_at_once = 64;

    /// The listing of a directory; at once, in the caller's thread, when no thread has begun it.
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
    /// Nothing while a thread is at it.
    std::map<std::string, std::optional<Listing>, std::less<>> begun_;
    std::size_t names_ahead_ = 0;  ///< in what is begun
    const std::string* awaited_ = nullptr;
    bool filling_ = true;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace mastobak::media
