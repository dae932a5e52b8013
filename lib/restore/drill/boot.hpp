// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "restore/drill/boot_places.hpp"

/// Runs Mastodon's own program against a drill's database. Mastodon's user may have changed that
/// program, so it runs as another user, without a network, and its output is hostile.
///
/// When systemd runs the drill's PostgreSQL, systemd also runs the program
/// (mastobak-boot@.service). The request, with the set's secrets, and the answer are passed through
/// a database of that PostgreSQL, so that neither is in a file, an argument or an environment that
/// other processes can read.
namespace mastobak::restore {

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

}  // namespace mastobak::restore
