// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "media/read/opener.hpp"
#include "media/tree/directory.hpp"
#include "media/tree/file_status.hpp"

namespace mastobak::media {

/// What a look at a name has found, symlinks not followed.
struct StatResult {
    FileStatus status;
    int error = 0;
};
StatResult look_at(const Directory& directory, const char* name);

/// What is in a directory.
struct Listing {
    std::shared_ptr<const Directory> directory;               ///< null: it could not be opened
    FileStatus status;                                        ///< of the directory
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< of the directory
    Names names;
    std::vector<StatResult> looks;  ///< of the first names that are not directories, in their order
    int error = 0;  ///< of opening it, or of reading it: the names until then are there
};

/// Lists a directory below another one, without a look at what is in it.
/// \param block for the kernel to fill, reused from directory to directory
Listing list(Opener& opener, const Directory& parent, const char* name, std::vector<char>& block);

/// Adds the status of its files; of as many as are worth keeping for later.
void look_at_files(Listing& listing);

/// What list() needs as a block.
std::vector<char> make_block();

}  // namespace mastobak::media
