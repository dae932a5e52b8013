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

/// The media directory of this host, and which parts of it are backed up.
struct MediaTree {
    std::filesystem::path root;
    std::vector<std::string> excluded;  ///< directories of the root that are not backed up

    bool operator==(const MediaTree&) const = default;
};

/// Finds the media directory as make_plan() does. The change journal needs it before the first run.
/// \return nullopt when the configuration says that the media is elsewhere
/// Throws Error{environment|config|units|media} when Mastodon or its media is not found.
async::Task<std::optional<MediaTree>> find_media(const config::Config& config,
                                                 units::UnitControl& control,
                                                 boost::asio::thread_pool& pool);

/// Returns the directories that `media.scope` excludes.
std::vector<std::string> excluded_directories(const config::Media& media);

}  // namespace mastobak::backup
