// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/crypto/signify.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::store {

/// RESTORE.md of that set: the commands, with its own names and numbers in them.
/// \param key that signs the set; nothing: RESTORE.md does not mention a signature
std::string restore_instructions(const Manifest& manifest,
                                 const std::optional<signify::PublicKey>& key = {});

}  // namespace mastobak::store
