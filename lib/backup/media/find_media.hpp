// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"
#include "units/unit_control.hpp"

namespace mastobak::backup {

/// The media on this host, and what of it is backed up.
struct MediaTree {
    std::filesystem::path root;
    std::vector<std::string> excluded;  ///< directories of the root that are left out

    bool operator==(const MediaTree&) const = default;
};

/// The part of make_plan that a change journal needs before there is a run.
/// Returns nothing when the configuration says that the media is elsewhere.
/// Throws Error{environment|config|units|media} when Mastodon or its media is not found.
async::Task<std::optional<MediaTree>> find_media(const config::Config& config,
                                                 units::UnitControl& control,
                                                 boost::asio::thread_pool& pool);

/// What `media.scope` leaves out.
std::vector<std::string> excluded_directories(const config::Media& media);

}  // namespace mastobak::backup
