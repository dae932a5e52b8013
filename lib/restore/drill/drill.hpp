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
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// Mastodon on this host, which a drill starts against the restored database.
struct BootOptions {
    std::filesystem::path directory{};   ///< its checkout
    std::vector<std::string> command{};  ///< that takes a Ruby script on standard input
    std::string why_not{};               ///< it is not started; empty: it is
    /// The command was not named by the configuration: that it does not start here says nothing of the set.
    bool is_a_guess = false;
};

/// Where a drill works, and how thorough it is.
struct DrillOptions {
    /// A directory of its own, not the source's: what is there is removed first, and all of it at
    /// the end. Short, as a socket is in it; in one that PostgreSQL's user can go through. Room for
    /// the dump, 256 MiB of media, and the database, unless that is elsewhere.
    std::filesystem::path scratch{};
    Bytes min_free{};  ///< what a drill leaves free there
    /// Share of the files that is read, 0 to 1; of 1, all of each pack is.
    double media_sample = 0.01;
    std::uint64_t media_minimum = 200;   ///< files, whatever their share
    bool allow_missing_secrets = false;  ///< files.allow_missing_secrets: they are elsewhere
    BootOptions boot{.why_not = "it was not asked for"};
    /// A directory that keeps what drills have read of media, so that others read the rest; empty:
    /// that is not kept.
    std::filesystem::path memory{};
    /// Which rows differ is narrowed down, where rows do: postgres::explain_rows.
    bool explain = false;
    bool require_signed = false;  ///< nothing of a set that is not ours is tried
    unsigned jobs = 2;            ///< connections and threads at once
    /// Whether systemd runs the database (postgres::ScratchUnit); else it is a child, in scratch.
    bool database_as_unit = false;
    /// The user of root's child, because PostgreSQL refuses root. No other cluster may trust this
    /// user.
    std::string postgres_user = "mastobak-drill";
    std::filesystem::path bin_directory{};  ///< of PostgreSQL; empty: where Debian has it
};

struct DrillProgress {
    std::string step{};    ///< "fetch", "restore", "check", "media"
    double fraction = -1;  ///< of the step, 0 to 1; negative: unknown
    std::string detail{};
};
/// One thread at a time, any thread; must not throw.
using OnDrillProgress = std::function<void(const DrillProgress&)>;

/// Restores a set into a throwaway PostgreSQL, with a sample of its media, and compares it with
/// what was recorded when it was made. Touches nothing that is live, and starts nothing that
/// reaches a network; what it has made is gone when it returns.
///
/// Damage of the set is a bad check, and the others are still made as far as they can be.
/// Throws for what keeps a drill from being made at all: Error{environment} (PostgreSQL of that
/// version is not installed, no room, its server was killed), Error{database} (that server does not
/// answer any more while it is looked at), Error{offsite} (out of reach), Error{usage} (no such
/// set), Error{cancelled}.
DrillReport drill(SetSource& source, const std::string& set, const DrillOptions& options,
                  const OnDrillProgress& progress, std::stop_token stop);

}  // namespace mastobak::restore
