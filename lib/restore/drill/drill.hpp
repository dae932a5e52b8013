// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "restore/drill/drill_report.hpp"
#include "restore/drill/image_server.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// The Mastodon of this host, which a drill starts against the restored database.
struct BootOptions {
    std::filesystem::path directory{};   ///< its checkout
    std::vector<std::string> command{};  ///< reads a Ruby script on standard input
    std::string why_not{};               ///< why Mastodon is not started; empty if it is started
    /// The configuration does not name the command: a failure to start says nothing about the set.
    bool is_a_guess = false;
};

/// Where a drill works, and how thorough it is.
struct DrillOptions {
    /// A directory only for this drill, not that of the source. Its contents are removed before the
    /// drill and after it. Its path has to be short, because it has a socket, and PostgreSQL's user
    /// has to be able to traverse its parents. It needs room for the dump, for 256 MiB of media,
    /// and for the database unless that is elsewhere.
    std::filesystem::path scratch{};
    Bytes min_free{};  ///< free space that a drill leaves there
    /// The share of the files that is read, 0 to 1. With 1, all packs are read completely.
    double media_sample = 0.01;
    std::uint64_t media_minimum = 200;  ///< smallest number of files that are read
    /// From files.allow_missing_secrets: the secrets are kept elsewhere.
    bool allow_missing_secrets = false;
    BootOptions boot{.why_not = "it was not asked for"};
    /// A directory that records which media drills have read, so that later drills read the others.
    /// When empty, nothing is recorded.
    std::filesystem::path memory{};
    /// Whether to narrow down which rows differ, when rows differ: postgres::explain_rows.
    bool explain = false;
    /// A set that this host has not signed is not restored at all.
    bool require_signed = false;
    unsigned jobs = 2;  ///< connections and threads at once
    /// Whether systemd runs the database (postgres::ScratchUnit); otherwise it is a child process
    /// in the scratch directory.
    bool database_as_unit = false;
    /// The user that runs a child process of root, because PostgreSQL refuses to run as root. No
    /// other cluster may trust this user.
    std::string postgres_user = "mastobak-drill";
    std::filesystem::path bin_directory{};  ///< directory of PostgreSQL's programs; empty: Debian's
    DrillContainers containers{};  ///< where PostgreSQL runs if this host has none for the set
};

/// How far a drill has come.
struct DrillProgress {
    std::string step{};    ///< "fetch", "restore", "check", "media"
    double fraction = -1;  ///< part of the step that is done, 0 to 1; negative: unknown
    std::string detail{};
};
/// Called by one thread at a time, on any thread; must not throw.
using OnDrillProgress = std::function<void(const DrillProgress&)>;

/// Restores a set into a throwaway PostgreSQL, with a sample of its media, and compares it with
/// what was recorded when the set was made. A drill changes nothing that is live, starts nothing
/// that reaches a network, and removes everything that it has made.
///
/// Damage of the set makes a check bad, and the other checks are still made as far as possible. A
/// problem that prevents the drill itself is an error.
/// Throws Error{environment} (PostgreSQL of that version is not installed, there is no room, the
/// server was killed), Error{database} (the server stops answering during the checks),
/// Error{offsite} (the place is out of reach), Error{usage} (there is no such set),
/// Error{cancelled}.
DrillReport drill(SetSource& source, const std::string& set, const DrillOptions& options,
                  const OnDrillProgress& progress, std::stop_token stop);

}  // namespace mastobak::restore
