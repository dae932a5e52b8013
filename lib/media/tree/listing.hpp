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
#include <utility>
#include <vector>

#include "media/index/paths.hpp"
#include "media/read/media_file.hpp"
#include "media/tree/directory.hpp"
#include "media/tree/file_status.hpp"

namespace mastobak::media {

/// The result of a stat of a name, without following a symlink.
struct StatResult {
    FileStatus status;
    int error = 0;  ///< errno; 0 when `status` is valid
};
/// Stats a name in a directory; does not follow a symlink.
StatResult look_at(const Directory& directory, const char* name);

/// The contents of a directory.
struct Listing {
    std::shared_ptr<const Directory> directory;               ///< null: it could not be opened
    FileStatus status;                                        ///< status of the directory
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< attributes of the directory
    Names names;
    std::vector<StatResult> looks;  ///< for the first names that are not directories, in order
    int error = 0;  ///< errno of opening or reading; names read before the failure are kept
};

/// Lists a directory below another one, without a stat of its files.
/// \param block result of make_block(), reused between directories
Listing list(Opener& opener, const Directory& parent, const char* name, std::vector<char>& block);

/// Adds the status of the files to a listing, up to a limit that bounds the memory.
void look_at_files(Listing& listing);

/// Returns a buffer for list().
std::vector<char> make_block();

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

    /// Announces that the walk will take the directories among some names of `directory`, which are
    /// then listed ahead. Never waits for the disk. At most 4096 directories can be announced at a
    /// time: beyond that, the one that the walk needs last is forgotten, and take() lists it.
    /// \param directory the threads keep no reference to it until they list a directory in it
    /// \param first     index of the first announced name. The names from there on are announced,
    ///                  at most announced_at_once; none when it is not less than names.size()
    void announce(const std::shared_ptr<const Directory>& directory, const Names& names,
                  std::size_t first);
    static constexpr std::size_t announced_at_once = 64;

    /// Returns the listing of a directory. Waits for it when a thread has begun it, and otherwise
    /// lists the directory in the caller's thread. Only the walk's thread may call this.
    Listing take(const Directory& parent, const char* name);

 private:
    using Parent = std::shared_ptr<const Directory>;
    /// The key is the path of a directory, the value its parent. The pointers are weak, so that a
    /// directory that the walk has closed is not kept open.
    using Waiting = std::map<std::string, std::weak_ptr<const Directory>, PathOrder>;

    void work();
    bool may_begin();
    void announce_locked(const Parent& directory, const Names& names, std::size_t first);

    Opener& opener_;
    const std::vector<std::string> excluded_;
    std::vector<char> block_;  ///< buffer of the walk's own thread
    std::mutex mutex_;
    std::condition_variable announced_;
    std::condition_variable listed_;
    Waiting waiting_;
    /// The value is empty while a thread lists the directory.
    std::map<std::string, std::optional<Listing>, std::less<>> begun_;
    std::size_t names_ahead_ = 0;           ///< number of names in the listings of begun_
    const std::string* awaited_ = nullptr;  ///< key in begun_ that take() waits for
    bool filling_ = true;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace mastobak::media
