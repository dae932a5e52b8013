// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

// The containers of project `mastodon`, and a command that serves until it is stopped.
inline const std::string web = "mastodon/web/1.container";
inline const std::string db = "mastodon/db/1.container";
inline const std::vector<std::string> serving{"sh", "-c",
                                              "trap 'exit 0' TERM; sleep infinity & wait"};
