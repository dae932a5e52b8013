// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "restore/drill/boot_places.hpp"

/// Running Mastodon's own program against a drill's database. What runs is Mastodon's code, which
/// its user may have changed: so it is another user's process, without a network, and what it says
/// is hostile.
///
/// systemd runs it (mastobak-boot@.service), where it runs the drill's PostgreSQL. What it is to
/// run, with the set's secrets, is handed over in a database of that PostgreSQL, as is the answer:
/// so that neither is in a file, an argument or an environment that others read.
namespace mastobak::restore {

struct BootRequest {
    std::vector<std::string> argv{};
    std::map<std::string, std::string> environment{};
    std::string script{};             ///< its standard input
    std::vector<BootPlace> places{};  ///< what the unit has to see of this host
};

struct BootAnswer {
    std::string problem{};  ///< why it did not end well, "exit status 1: …"; empty: it did
    std::string output{};   ///< its line of facts, of hostile contents; empty: it printed none
};

/// Runs it to its end, which comes within five minutes: all that it has started is ended with it.
/// \param before what comes before the command and confines it; empty: it is confined already
/// Throws Error{cancelled}.
BootAnswer run_boot(const BootRequest& request, const std::vector<std::string>& before,
                    std::stop_token stop);

/// Has systemd do the same.
/// \param superuser of the drill's PostgreSQL
/// \param directory Mastodon's checkout: what the program sees of this host but for /usr
/// Throws Error{environment} when it cannot be started, Error{database}, Error{cancelled}.
BootAnswer boot_as_unit(const postgres::Settings& superuser, const std::filesystem::path& directory,
                        const BootRequest& request, const std::stop_token& stop);

/// What the unit does: takes the request of a drill that is in progress, and answers it.
/// \param sockets directory with one for each drill's PostgreSQL
/// Throws Error{environment} when the request is missing, or another directory of this host was mounted
/// than it says; Error{database}, Error{cancelled}.
void answer_boot(const std::filesystem::path& sockets, const std::stop_token& stop);

}  // namespace mastobak::restore
