// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "config/config.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::daemon {

/// Which paths of a set (without the leading '/') `restore --in-place` writes without --force:
/// who can write to staging or to a remote chooses what is in a set, and root writes it. What
/// belongs to a Mastodon is
///  - its `.env*`, in its directory where that is known,
///  - unit files in /etc/systemd/system whose names match mastodon.units, and their drop-ins,
///  - what files.nginx and files.extra of this host's configuration name, and what is below that.
/// \param instance nullptr: there is none on this host yet
std::function<bool(const std::string&)> belongs_to_mastodon(const config::Config& config,
                                                            const mastodon::Instance* instance);

}  // namespace mastobak::daemon
