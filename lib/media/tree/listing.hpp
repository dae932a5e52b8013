// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "media/read/opener.hpp"
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

}  // namespace mastobak::media
