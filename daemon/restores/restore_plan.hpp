// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/restores/selected_set.hpp"
#include "mastodon/instance.hpp"
#include "restore/restore_set.hpp"

namespace mastobak::daemon {

/// The arguments of `mastobak restore`.
struct RestoreRequest {
    std::string set = "latest";
    std::string before{};  ///< "2026-11-22": the newest set that is older
    std::string from{};
    bool database = false, media = false, config_files = false;  ///< none: all
    std::string database_name{};                                 ///< empty: the one in the manifest
    std::string database_url{};  ///< URL of the server to restore into; empty: that of `database:`
    std::filesystem::path passfile{};        ///< passfile for database_url
    postgres::Variables variables{};         ///< PGPASSFILE and PGPASSWORD, with database_url
    std::vector<std::string> media_paths{};  ///< none: all
    std::filesystem::path to{};
    bool in_place = false;
    bool force = false;  ///< with in_place: write all files, not only Mastodon's
    bool yes = false;    ///< do not ask
    bool replace = false;
    std::optional<bool> repair{};  ///< nullopt: repair in a full restore of a set without cache/
    std::string owner{};           ///< owner of the media; empty: the numeric ids in the set
    bool plan = false;
    bool unsigned_too = false;  ///< accept a set that is not known to be ours without asking
};

/// Returns whether all parts are restored: no part is named, or each of them.
bool is_everything(const RestoreRequest& request);

/// Rejects options that would be silently ignored.
/// Throws Error{usage}.
void refuse_contradictions(const RestoreRequest& request);

/// The Mastodon on this machine; all members are empty when there is none.
struct RestoreHost {
    std::optional<mastodon::Instance> instance{};
    std::vector<std::string> active_units{};
};
/// Finds Mastodon and its active units. A missing Mastodon is not an error.
RestoreHost look_at_host(const config::Config& config);

struct RestorePlan {
    restore::SetOptions options{};
    bool live = false;  ///< Mastodon uses the target, so its units must be stopped
    bool repair = false;
    bool database_in_use = false;  ///< the target database is the one that Mastodon uses
    /// the restored database names remote media that is not on disk
    bool lacks_remote_media = false;
    std::vector<std::string> in_place{};  ///< files written to their original paths
    /// files written elsewhere, because they are not Mastodon's
    std::vector<std::string> beside{};
    std::vector<std::string> notes{};  ///< parts that are not restored, and why
};
/// Plans a restore.
/// \param stop cancels fetching
/// Throws Error{usage} when the request cannot be fulfilled, and the errors of ChosenSet and
/// SetSource.
RestorePlan plan_restore(const RestoreRequest& request, const config::Config& config,
                         const RestoreHost& host, ChosenSet& set, const std::stop_token& stop);

/// Adds a note if Mastodon's settings after the restore name a different database.
void compare_settings(const restore::SetReport& report, const RestoreHost& host, RestorePlan& plan);

}  // namespace mastobak::daemon
