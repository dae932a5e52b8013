// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"

/// Runs Mastodon's own program against a drill's database. Mastodon's user may have changed that
/// program, so it runs as another user, without a network, and its output is hostile.
///
/// When systemd runs the drill's PostgreSQL, systemd also runs the program
/// (mastobak-boot@.service). The request, with the set's secrets, and the answer are passed through
/// a database of that PostgreSQL, so that neither is in a file, an argument or an environment that
/// other processes can read.
namespace mastobak::restore {

/// A directory of this host that systemd mounts for Mastodon in a drill. systemd mounts it as root
/// and follows symlinks, which Mastodon's user could point to a directory that is closed to that
/// user.
struct BootPlace {
    std::filesystem::path path;
    std::string identity{};  ///< device and inode number; empty if the directory is missing
};

/// The program to run, with its settings and its input.
struct BootRequest {
    std::vector<std::string> argv{};
    std::map<std::string, std::string> environment{};
    std::string script{};             ///< its standard input
    std::vector<BootPlace> places{};  ///< directories of this host that the unit mounts
};

/// How the program ended, and what it found.
struct BootAnswer {
    std::string problem{};  ///< why it failed, "exit status 1: …"; empty when it succeeded
    std::string output{};   ///< its line of facts, which is hostile; empty when there is none
};

/// Runs the program and waits for its end, at most five minutes. All processes that it has started
/// are ended with it.
/// \param before command words that come before the program and confine it; empty when this process
///               is already confined
/// Throws Error{cancelled}.
BootAnswer run_boot(const BootRequest& request, const std::vector<std::string>& before,
                    std::stop_token stop);

/// Starts the systemd unit that runs the program, and returns its answer.
/// \param superuser settings of the superuser of the drill's PostgreSQL
/// \param directory Mastodon's checkout. The program sees only this directory and /usr of this host
/// Throws Error{environment} when the unit cannot be started, Error{database}, Error{cancelled}.
BootAnswer boot_as_unit(const postgres::Settings& superuser, const std::filesystem::path& directory,
                        const BootRequest& request, const std::stop_token& stop);

/// Runs inside the unit: reads the request of the drill that is in progress, runs its program and
/// writes the answer.
/// \param sockets directory that has one directory for each drill's PostgreSQL
/// Throws Error{environment} when there is no request, or when a mounted directory is not the one
/// that the request names; Error{database}, Error{cancelled}.
void answer_boot(const std::filesystem::path& sockets, const std::stop_token& stop);

/// Checks and identifies all these directories.
/// \param directory Mastodon's checkout
/// Throws Error{environment} when a symlink leads to a directory that its owner may not read, when
/// the daemon may not read a directory, and when one of the directories is within another one.
std::vector<BootPlace> boot_places(const std::filesystem::path& directory);

/// Compares the directories with what was mounted. Runs inside the unit, where the mounts do not
/// change any more.
/// Throws Error{environment} when a directory is not the same one.
void require_mounted(const std::vector<BootPlace>& places);

}  // namespace mastobak::restore
