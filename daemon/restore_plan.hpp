// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/chosen_set.hpp"
#include "mastodon/instance.hpp"
#include "restore/restore_set.hpp"

namespace mastobak::daemon {

/// What somebody has asked `mastobak restore` for.
struct RestoreRequest {
    std::string set = "latest";
    std::string before{};  ///< "2026-11-22": the newest set that is older
    std::string from{};
    bool database = false, media = false, config_files = false;  ///< none: all
    std::string database_name{};                                 ///< empty: the one in the manifest
    std::vector<std::string> media_paths{};                      ///< none: all
    std::filesystem::path to{};
    bool in_place = false;
    bool replace = false;
    std::optional<bool> repair{};  ///< nothing: with everything, of a set without cache/
    std::string owner{};           ///< of the media; empty: the numbers that the set has
    bool plan = false;
};

/// What would be ignored, when somebody had something in mind with it.
/// Throws Error{usage}.
void refuse_contradictions(const RestoreRequest& request);

/// What of Mastodon is on this machine; nothing of it after a fire.
struct RestoreHost {
    std::optional<mastodon::Instance> instance{};
    std::vector<std::string> active_units{};
};
/// Never throws for what is not there.
RestoreHost look_at_host(const config::Config& config);

struct RestorePlan {
    restore::SetOptions options{};
    bool live = false;  ///< Mastodon uses what is restored: it has to be stopped
    bool repair = false;
    bool lacks_remote_media = false;   ///< the restored database names files that are not there
    std::vector<std::string> notes{};  ///< what is left out, and why
};
/// Throws Error{usage} for what cannot be had.
RestorePlan plan_restore(const RestoreRequest& request, const config::Config& config,
                         const RestoreHost& host, ChosenSet& set);

}  // namespace mastobak::daemon
