// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "reconcile/named_files.hpp"

namespace mastobak::reconcile {

/// A file that the database names, and what the index has by that path: a file or a link, never a
/// directory; null for nothing.
using OnNamedFile = std::function<void(const NamedFile&, const media::Entry*)>;

/// Looks up every file that the database names in an index: one merge of two sorted streams. Both
/// are read to their ends, so that a damaged index is noticed.
/// Throws as both do, what on_file throws, and Error{cancelled}.
void look_up(NamedFiles& named, media::IndexReader& index, const OnNamedFile& on_file,
             const std::stop_token& stop);

}  // namespace mastobak::reconcile
