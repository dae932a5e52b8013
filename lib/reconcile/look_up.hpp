// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "reconcile/named_files.hpp"

namespace mastobak::reconcile {

/// Called with a file that the database names, and the index entry of that path: a file or a link.
/// The entry is null if the index does not have the path, or has a directory there.
using OnNamedFile = std::function<void(const NamedFile&, const media::Entry*)>;

/// Looks up every file that the database names in an index, by merging the two sorted streams. It
/// reads both to their ends, so that damage anywhere in the index is detected.
/// Throws the exceptions of both streams and of `on_file`; Error{cancelled} after `stop`.
void look_up(NamedFiles& named, media::IndexReader& index, const OnNamedFile& on_file,
             const std::stop_token& stop);

}  // namespace mastobak::reconcile
