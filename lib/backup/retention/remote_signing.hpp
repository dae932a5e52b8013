// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "core/crypto/signify.hpp"
#include "offsite/remote.hpp"
#include "store/formats/manifest.hpp"

/// The public key and the signatures of sets at a remote.
namespace mastobak::backup {

/// Returns the name of the public key at a remote: "mastobak-HOST-0123456789abcdef.pub". The name
/// contains the number of the key, so it cannot collide with a later key or another host's key.
std::string public_key_name(const signify::PublicKey& key);

/// Uploads the public key to the top of a remote if it is not there yet. A person who restores
/// without a copy of the key can see which key has signed. The presence of the key there does not
/// prove that it is genuine. Makes 1 request when the key is there already.
/// \param scratch directory for the file during the upload
/// \return why the upload is impossible (another object has the name); empty when the key is there
/// Throws Error{offsite}, Error{cancelled}.
std::string send_public_key(offsite::Remote& remote, const signify::PublicKey& key,
                            const std::filesystem::path& scratch, const std::stop_token& stop);

/// A set at a remote that has no signature.
struct UnsignedSet {
    store::Manifest manifest;
    std::string sums;  ///< text of SHA256SUMS, which has the digest of the manifest
};

/// Finds a set at a remote that has no signature.
/// Throws Error{usage} when the set does not exist or has a signature; Error{corrupt} when its
/// files contradict each other; Error{offsite}, Error{cancelled}.
UnsignedSet find_unsigned_set(offsite::Remote& remote, const std::string& set,
                              const std::filesystem::path& scratch, const std::stop_token& stop);

/// Signs a set at a remote because an admin confirmed that it is ours. The set then counts in
/// retention, in drills, and for the adoption by a new machine.
/// Throws Error{offsite}, Error{cancelled}.
void adopt(offsite::Remote& remote, const UnsignedSet& set, const signify::SecretKey& key,
           const std::filesystem::path& scratch, const std::stop_token& stop);

}  // namespace mastobak::backup
