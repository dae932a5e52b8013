// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/bytes.hpp"
#include "core/process/process.hpp"

/// Parsers for the output of rsync.
namespace mastobak::offsite {

/// The entries of a directory, without hidden ones.
struct RsyncListing {
    std::map<std::string, Bytes> files;  ///< with their sizes
    std::set<std::string> directories;
};

/// Parses the output of `rsync --list-only --no-human-readable DIRECTORY/`.
RsyncListing parse_rsync_list(const std::string& output);

/// Checks that rsync succeeded.
/// \param doing used in the message: "list 'media' at the remote 'box'"
/// Throws Error{offsite} with the messages of rsync and ssh, and a hint, when it failed.
void require_rsync(const std::string& doing, const Finished& finished);

}  // namespace mastobak::offsite
