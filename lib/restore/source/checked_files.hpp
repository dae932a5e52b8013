// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// The manifest of a set, compared with the SHA256SUMS beside it.
/// \param where for messages: the set's directory
/// \param set   that it has to be of: a copy may lie in the directory of another
/// Throws Error{corrupt}.
store::Manifest checked_manifest(const std::string& manifest, const std::string& sums,
                                 const std::string& where, const std::string& set);

/// Null for a name that the set does not have.
const store::Artifact* find_artifact(const store::Manifest& manifest, std::string_view name);
/// Throws Error{corrupt} for one.
const store::Artifact& artifact_of(const store::Manifest& manifest, std::string_view name);

}  // namespace mastobak::restore
