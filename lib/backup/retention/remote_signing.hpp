// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/crypto/signify.hpp"
#include "offsite/remote.hpp"
#include "store/formats/manifest.hpp"

/// What of signing is at a remote: the public half of the key, and the signatures of older sets.
namespace mastobak::backup {

/// What the public half is called at a remote: "mastobak-HOST-0123456789abcdef.pub". The number of
/// the key is in it, so that neither a new key nor another host's is ever in the way.
std::string public_key_name(const signify::PublicKey& key);

/// Puts the public half at the top of a remote, where it is not there yet: who restores without the
/// key that was kept sees which one has signed. It proves nothing by being there.
/// One request where it is there.
/// \param scratch where the file is while it is sent
/// \return why it cannot be there: something else has its name; empty: it is there
/// Throws Error{offsite}, Error{cancelled}.
std::string send_public_key(offsite::Remote& remote, const signify::PublicKey& key,
                            const std::filesystem::path& scratch, const std::stop_token& stop);

/// A set at a remote that has no signature.
struct UnsignedSet {
    store::Manifest manifest;
    std::string sums;  ///< SHA256SUMS, which says what the manifest is
};

/// Throws Error{usage} when there is no such set, or it has a signature; Error{corrupt} when it
/// does not fit itself; Error{offsite}, Error{cancelled}.
UnsignedSet find_unsigned_set(offsite::Remote& remote, const std::string& set,
                              const std::filesystem::path& scratch, const std::stop_token& stop);

/// Signs a set there as one of ours, because an admin says that it is: it then counts in retention,
/// in drills and when a new machine takes over. Throws Error{offsite}, Error{cancelled}.
void adopt(offsite::Remote& remote, const UnsignedSet& set, const signify::SecretKey& key,
           const std::filesystem::path& scratch, const std::stop_token& stop);

}  // namespace mastobak::backup
