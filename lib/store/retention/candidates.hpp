// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/crypto/signify.hpp"
#include "store/retention/retention.hpp"
#include "store/staging.hpp"

namespace mastobak::store {

/// What a set has to wait for before it may go, as in Candidate. Staging alone does not tell that.
using Awaited = std::function<std::string(const std::string& set)>;

/// The sets of a staging directory, with what is known of each: its marks, whether its manifest can
/// be read, and whether what that names is there with its size, or away. Reads no contents: they
/// were compared at publication, and are by `verify`, which leaves a mark. Throws Error{staging}.
/// \param keys whose signature a set needs to count (signature.hpp); none: it is not looked at
std::vector<Candidate> candidates(const Staging& staging, const Awaited& awaited,
                                  const std::vector<signify::PublicKey>& keys = {});

}  // namespace mastobak::store
