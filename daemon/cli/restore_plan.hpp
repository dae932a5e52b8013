// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/cli/selected_set.hpp"
#include "mastodon/instance.hpp"
#include "restore/restore_set.hpp"

namespace mastobak::daemon {

/// What `mastobak restore` was asked for.
struct RestoreRequest {
    std::string set = "latest";
    std::string before{};  ///< "2026-11-22": the newest set that is older
    std::string from{};
    bool database = false, media = false, config_files = false;  ///< none: all
    std::string database_name{};                                 ///< empty: the one in the manifest
    std::string database_url{};  ///< of the server to restore into; empty: as `database:` says
    std::filesystem::path passfile{};        ///< with database_url
    postgres::Variables variables{};         ///< PGPASSFILE and PGPASSWORD, with database_url
    std::vector<std::string> media_paths{};  ///< none: all
    std::filesystem::path to{};
    bool in_place = false;
    bool force = false;  ///< in place goes all, not only what belongs to Mastodon
    bool yes = false;    ///< do not ask
    bool replace = false;
    std::optional<bool> repair{};  ///< nothing: with everything, of a set without cache/
    std::string owner{};           ///< of the media; empty: the numbers that the set has
    bool plan = false;
    bool unsigned_too = false;  ///< also a set that is not known to be ours, without a question
};

/// Whether all parts are asked for: none is named, or each of them.
bool is_everything(const RestoreRequest& request);

/// Rejects options that would be silently ignored.
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
    bool database_in_use = false;         ///< it is the one that Mastodon uses
    bool lacks_remote_media = false;      ///< the restored database names files that are not there
    std::vector<std::string> in_place{};  ///< files that are written where they were
    std::vector<std::string> beside{};    ///< those that are not, as others than Mastodon's
    std::vector<std::string> notes{};     ///< what is left out, and why
};
/// \param stop for what is fetched
/// Throws Error{usage} for what cannot be had, and what ChosenSet and SetSource throw.
RestorePlan plan_restore(const RestoreRequest& request, const config::Config& config,
                         const RestoreHost& host, ChosenSet& set, const std::stop_token& stop);

/// Adds a note where the settings that Mastodon has after the restore name another database.
void compare_settings(const restore::SetReport& report, const RestoreHost& host, RestorePlan& plan);

}  // namespace mastobak::daemon
