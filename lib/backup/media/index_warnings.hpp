// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "media/index/index_writer.hpp"

namespace mastobak::backup {

/// Returns a warning for each kind of file that is in the set but cannot be restored faithfully on
/// every file system.
std::vector<std::string> index_warnings(const media::IndexWriter::Result& index);

}  // namespace mastobak::backup
