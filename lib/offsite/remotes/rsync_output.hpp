// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/bytes.hpp"
#include "core/process.hpp"

/// What rsync says, read.
namespace mastobak::offsite {

/// A directory, but for what is hidden.
struct RsyncListing {
    std::map<std::string, Bytes> files;  ///< with their sizes
    std::set<std::string> directories;
};

/// Reads a listing of `rsync --list-only --no-human-readable DIRECTORY/`.
RsyncListing parse_rsync_list(const std::string& output);

/// \param doing for the message: "list 'media' at the remote 'box'"
/// Throws Error{offsite} with what rsync and ssh said, and a hint, when it has failed.
void require_rsync(const std::string& doing, const Finished& finished);

}  // namespace mastobak::offsite
