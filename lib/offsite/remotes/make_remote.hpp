// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "config/config.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Creates the remote that an entry of `offsite:` describes.
/// \param scratch a directory for its temporary files
std::unique_ptr<Remote> make_remote(const config::Remote& entry,
                                    const std::filesystem::path& scratch);

}  // namespace mastobak::offsite
