// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/remote_named.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace mastobak::daemon {

const config::Remote& remote_named(const config::Config& config, const std::string& name) {
    const auto found = std::ranges::find(config.offsite, name, &config::Remote::name);
    if (found != config.offsite.end()) return *found;
    throw Error(Errc::usage, fmt::format("the configuration has no remote '{}'", name),
                "the names are those of `offsite:` in the configuration");
}

}  // namespace mastobak::daemon
