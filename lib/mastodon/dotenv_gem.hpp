// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace mastobak::mastodon {

/// Returns the major version of the Ruby library `dotenv` in a Gemfile.lock: 2 for Mastodon 4.2, 3
/// since 4.3. Returns nullopt when the text does not name it.
std::optional<unsigned> gem_of_lock(std::string_view text);

}  // namespace mastobak::mastodon
