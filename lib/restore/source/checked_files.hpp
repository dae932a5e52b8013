// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Parses the manifest of a set after comparing it with the SHA256SUMS beside it.
/// \param where the set's directory, used in messages
/// \param set   the set that the manifest has to name, because it may be a copy of another set's
///              manifest
/// Throws Error{corrupt}.
store::Manifest checked_manifest(const std::string& manifest, const std::string& sums,
                                 const std::string& where, const std::string& set);

/// Returns the file with this name; null when the set does not have it.
const store::Artifact* find_artifact(const store::Manifest& manifest, std::string_view name);
/// Returns the file with this name. Throws Error{corrupt} when the set does not have it.
const store::Artifact& artifact_of(const store::Manifest& manifest, std::string_view name);

}  // namespace mastobak::restore
