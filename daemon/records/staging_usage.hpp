// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "store/retention/usage.hpp"

namespace mastobak::daemon {

/// How full staging is, and whether the next set fits.
struct Storage {
    store::Usage usage;
    Bytes free;  ///< free space on the file system of staging
    Bytes room;  ///< room for a run: without staging.min_free, within staging.max_size
};

/// Returns the newest set in staging; nullopt when there is none, or no staging yet.
std::optional<std::string> newest_set(const config::Config& config);

/// Reads the manifests of staging. Throws Error{staging}.
Storage look_at_storage(const config::Config& config);

/// Updates the free space and the room for a run. Throws Error{staging}.
void refresh_free_space(Storage& storage, const config::Staging& staging);

/// Returns lines for people: "12 sets: 5.0 GiB in use, 300 MiB not in use any more", "30 GiB free",
/// "the next night needs some 200 MiB …".
std::vector<std::string> storage_lines(const Storage& storage);

}  // namespace mastobak::daemon
