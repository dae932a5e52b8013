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

/// A directory in sets/ of a remote, with the name of a set.
struct RemoteSet {
    std::string name;
    std::map<std::string, Bytes> files;
    std::optional<store::Manifest> manifest;  ///< nothing: it cannot be read, or is not there
    std::string damage;     ///< what is wrong, as far as names and sizes tell; empty: it is good
    std::string foreign{};  ///< why it is not known to be ours; empty: we signed it
    std::vector<std::string> packs{};  ///< that its SHA256SUMS names, also without a manifest
    /// It is the set in staging of that name, but its signature is not there yet.
    bool lacks_signature = false;

    /// Whether it can be seen as a set: the manifest comes last, and goes first.
    bool is_visible() const;
};

/// What a remote has, as far as retention has to know it.
struct RemoteSets {
    std::vector<RemoteSet> sets;         ///< oldest first
    std::map<std::string, Bytes> packs;  ///< by name
    std::string unread{};                ///< why some sets were not looked at; empty: all were
};

/// Looks at a remote: a request for the packs, one for each set, and two for each manifest that
/// staging does not have: those that it has are the same, as a set never changes. Two more for
/// SHA256SUMS and its signature.
/// \param keys whose signature a set needs to count
/// \param scratch where a manifest is kept while it is read
/// Throws Error{offsite}, also for more than 5000 sets, Error{staging}, Error{cancelled}. What is damaged is not an error.
RemoteSets look_at_sets(offsite::Remote& remote, const store::Staging& staging,
                        const std::vector<signify::PublicKey>& keys,
                        const std::filesystem::path& scratch, const std::stop_token& stop);

}  // namespace mastobak::backup
