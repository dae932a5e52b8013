// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/crypto/signify.hpp"
#include "store/retention/retention.hpp"
#include "store/staging.hpp"

namespace mastobak::store {

/// Returns what a set has to wait for before it may be removed, as in Candidate::awaited. The
/// staging directory does not have that information.
using Awaited = std::function<std::string(const std::string& set)>;

/// Returns the sets of a staging directory with what retention needs to know: their marks, whether
/// their manifests can be read, and whether the files and packs that these name are there with
/// their sizes, or are off-site only. Does not read contents, because publication has compared
/// them, and `verify` leaves a mark.
/// \param keys public keys, one of which has to have signed a set; if empty, signatures are not
///             checked
/// Throws Error{staging}.
std::vector<Candidate> candidates(const Staging& staging, const Awaited& awaited,
                                  const std::vector<signify::PublicKey>& keys = {});

}  // namespace mastobak::store
