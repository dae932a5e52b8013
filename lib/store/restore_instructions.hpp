// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/crypto/signify.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::store {

/// Returns the text of RESTORE.md of a set: the commands to restore it, with the names and numbers
/// of this set.
/// \param key key that signs the set; nullopt: RESTORE.md does not mention a signature
std::string restore_instructions(const Manifest& manifest,
                                 const std::optional<signify::PublicKey>& key = {});

}  // namespace mastobak::store
