// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/unique_fd.hpp"
#include "media/index/index.hpp"
#include "restore/selection.hpp"
#include "restore/tree/attributes.hpp"
#include "restore/tree/target_tree.hpp"

namespace mastobak::restore {

/// Makes what no pack has, once the files are there: empty directories, symlinks, hard links; and
/// gives directories their owners, modes and times, each after all that is in it, since what is
/// made in a directory changes its time.
///
/// Takes the entries of an index in its order.
class TreeFinisher {
 public:
    /// Told of an entry that cannot be what it was, and why.
    using OnProblem = std::function<void(const media::Entry& entry, std::string_view why)>;

    TreeFinisher(const TargetTree& target, const Selection& selection, std::optional<Owner> owner,
                 LostAttributes& lost, OnProblem on_problem, std::stop_token stop);

    /// Throws Error{environment} as throw_target_error does, Error{cancelled}.
    void add(const media::Entry& entry);
    /// After the last one.
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
    /// In place of a hard link that the target cannot have.
    void copy(const media::Entry& entry, int from_directory, const std::string& from);
    void leave_until(std::string_view path);
    void leave();
    /// The directory of an entry: the innermost open one, or one above what is selected.
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
    std::vector<Open> open_;  ///< from the outermost inwards
    UniqueFd above_;
};

}  // namespace mastobak::restore
