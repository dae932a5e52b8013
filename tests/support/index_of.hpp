// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "media/index/index.hpp"
#include "store/staging.hpp"

namespace mastobak::test {

/// Returns the files of the index of a set in staging.
inline media::IndexFiles index_of(const store::Staging& staging, const std::string& set) {
    const auto stored = staging.index(staging.manifest(set));
    return {stored.whole, stored.changes};
}

}  // namespace mastobak::test
