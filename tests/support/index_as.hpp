// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/index/index_writer.hpp"
#include "store/new_set.hpp"

namespace mastobak::test {

/// How a set of a test stores its index.
enum class IndexAs {
    whole,   ///< in the set
    base,    ///< as a file that later sets share
    changes  ///< as changes of an older index, which is made for this, and has other files
};

/// Adds an index to a set. The index was written to `media.index.zst` in the directory of the set.
/// \param written what the writer of the index returned; its parts are listed in the set
void add_index(store::NewSet& set, store::Manifest& manifest,
               const media::IndexWriter::Result& written, IndexAs how);

}  // namespace mastobak::test
