// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"

namespace mastobak::backup {

/// What of the media is in the set, but cannot come back as it was everywhere.
std::vector<std::string> index_warnings(const media::IndexWriter::Result& index);

}  // namespace mastobak::backup
