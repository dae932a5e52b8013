// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/formats/manifest.hpp"

/// What the fields of a manifest mean together.
namespace mastobak::store {

/// Returns what is wrong with the text of a note, "is longer than 200 bytes"; empty when it is
/// right. A note is one line of valid UTF-8 without control characters.
std::string problem_of_note(std::string_view note);

/// Returns the artifact of that name; null if the set does not have it.
const Artifact* listed_artifact(const Manifest& manifest, std::string_view name);

/// Returns whether the set's index is stored as its changes since its base.
bool has_index_changes(const Manifest& manifest);

/// Returns whether the set's dump is stored as a difference from its base.
bool has_difference(const Manifest& manifest);

/// Describes the files of the dump: "dump of a base of 812 MiB, 11 days older, + 9.1 MiB"; empty for
/// a set of an older version.
std::string dump_text(const Manifest& manifest);

/// Returns the files that the set shares with others: its packs, and, with `entries` 0, its base and
/// the base of its index.
std::vector<PackReference> shared_files(const Manifest& manifest);

}  // namespace mastobak::store
