// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "config/config.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::daemon {

/// Returns a function that says for a path of a set (without the leading '/') whether
/// `restore --in-place` writes it without --force. The restore runs as root, but a user who can
/// write to staging or to a remote chooses the paths in a set. Therefore only these are allowed:
///  - `.env*` in Mastodon's directory, if the directory is known,
///  - unit files in /etc/systemd/system whose names match mastodon.units, and their drop-ins,
///  - the paths in files.nginx and files.extra of this host's configuration, and all below them.
/// \param instance nullptr when this host has no Mastodon yet
std::function<bool(const std::string&)> belongs_to_mastodon(const config::Config& config,
                                                            const mastodon::Instance* instance);

}  // namespace mastobak::daemon
