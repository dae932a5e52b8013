// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "media/index/index.hpp"
#include "restore/selection.hpp"
#include "restore/tree/attributes.hpp"
#include "restore/tree/target_tree.hpp"

namespace mastobak::restore {

/// Creates the entries that are not in packs, after the files were restored: empty directories,
/// symlinks and hard links. Sets owners, modes and times of directories, each after its contents,
/// because the creation of a file in a directory changes the directory's time.
///
/// Takes the entries in the order of an index.
class TreeFinisher {
 public:
    /// Called with an entry that could not be restored as it was, and the reason.
    using OnProblem = std::function<void(const media::Entry& entry, std::string_view why)>;

    TreeFinisher(const TargetTree& target, const Selection& selection, std::optional<Owner> owner,
                 LostAttributes& lost, OnProblem on_problem, std::stop_token stop);

    /// Creates the entry's link or directory, if it is selected, and finishes the directories that
    /// the entry is not in. Throws Error{environment} as throw_target_error does, Error{cancelled}.
    void add(const media::Entry& entry);
    /// Finishes the remaining directories. Call it after the last entry.
    void finish();

    std::uint64_t directories() const { return directories_; }
    std::uint64_t links() const { return links_; }

 private:
    struct Open {
        media::Entry entry;
        UniqueFd fd;
    };

    void make(const media::Entry& entry);
    void add_directory(const media::Entry& entry);
    void add_symlink(const media::Entry& entry);
    void add_hardlink(const media::Entry& entry);
    /// Copies the file instead of a hard link that the target does not support.
    void copy(const media::Entry& entry, int from_directory, const std::string& from);
    void leave_until(std::string_view path);
    void leave();
    /// Returns the directory of an entry: the innermost open one, or one above the selection.
    int directory_of(const media::Entry& entry);
    void replace(const std::string& beside, const media::Entry& entry, int directory);

    const TargetTree& target_;
    const Selection& selection_;
    const std::optional<Owner> owner_;
    LostAttributes& lost_;
    const OnProblem on_problem_;
    const std::stop_token stop_;
    std::uint64_t directories_ = 0;
    std::uint64_t links_ = 0;
    std::vector<Open> open_;  ///< from the outermost to the innermost
    UniqueFd above_;
};

}  // namespace mastobak::restore
