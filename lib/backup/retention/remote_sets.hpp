// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/signify.hpp"
#include "offsite/remote.hpp"
#include "store/formats/manifest.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// A directory in sets/ of a remote whose name is that of a set.
struct RemoteSet {
    std::string name;
    std::map<std::string, Bytes> files;
    std::optional<store::Manifest> manifest;  ///< nullopt when missing or unreadable
    std::string damage;                 ///< damage that names and sizes reveal; empty when none
    std::string foreign{};              ///< why it is not trusted as ours; empty when we signed it
    std::vector<std::string> shared{};  ///< names of the shared files that its SHA256SUMS names
    /// It equals the set of that name in staging, but its signature was not uploaded yet.
    bool lacks_signature = false;

    /// Returns whether it is visible as a set. The manifest is uploaded last and removed first.
    bool is_visible() const;
};

/// The sets and the shared files (packs, bases, indexes) of a remote.
struct RemoteSets {
    std::vector<RemoteSet> sets;          ///< oldest first
    std::map<std::string, Bytes> shared;  ///< shared files, by name
    std::string unread{};                 ///< why some sets were not read; empty when all were
};

/// Lists the sets and shared files of a remote. It makes 2 requests for all shared files, 1 for
/// each set, and 2 for each manifest that staging does not have. The manifest of a set that is in
/// staging is not fetched, because sets never change. It makes 2 more requests for SHA256SUMS and
/// its signature.
/// \param keys a set counts only if one of these keys has signed it
/// \param scratch directory for fetched manifests
/// Throws Error{offsite} (also when there are more than 5000 sets), Error{staging},
/// Error{cancelled}. A damaged set is not an error.
RemoteSets look_at_sets(offsite::Remote& remote, const store::Staging& staging,
                        const std::vector<signify::PublicKey>& keys,
                        const std::filesystem::path& scratch, const std::stop_token& stop);

}  // namespace mastobak::backup
