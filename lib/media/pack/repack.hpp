// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>

#include "media/backup_tree.hpp"
#include "media/index/path_order.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// What was packed again.
struct Repacked {
    TreeResult result;  ///< its index has the entries of these files alone, as the disk has them
    Paths paths;        ///< of those: what merge_index wants to know
};

/// Packs again, from the disk, what an index has in certain packs, so that a set with the new
/// entries does not need those packs.
///
/// Taken is only what the disk has exactly as the index has it, contents included. The rest stays
/// where it is: changed and removed files, which are for the pass that looks for changes; files of
/// several names; and those that the disk does not give, or not as they were packed, which have a
/// warning each: the pack has the better copy, and is needed for it.
/// \param options previous_index is that index; rate_limit and the limits of packs hold
/// Throws Error{media} for a tree that is absent; Error{staging}, Error{corrupt}, Error{cancelled}.
Repacked repack(const TreeOptions& options, const std::set<std::string>& packs,
                const std::function<void(const TreeProgress&)>& progress, std::stop_token stop);

}  // namespace mastobak::media
