// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace mastobak::daemon {

/// Looks for Mastodon on this host, creates the database role, and returns the text of a
/// configuration. Prints what it finds.
/// \param directory Mastodon's directory; empty: it is searched for
/// Throws Error when there is no Mastodon, or its database server does not answer.
std::string new_configuration(const std::string& directory);

}  // namespace mastobak::daemon
