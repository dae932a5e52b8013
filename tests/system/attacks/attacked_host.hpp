// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "support/installed_host.hpp"

namespace mastobak::test {

/// A host on which an unprivileged user, the database or a remote is hostile, with the installed
/// programs. A successful attack writes to `/root/canary`, or a test finds its effects afterwards.
struct AttackedHost : InstalledHost {
    /// Runs a bash script as a user of the host, without any capability, like an attacker who has
    /// broken into that user's programs. Throws when the script fails.
    std::string as(const std::string& user, const std::string& script) const;

    /// Changes a set and its hashes, like an attacker who may write to it. The signature does not
    /// change, and is then invalid. Throws when the program fails.
    /// \param directory directory of the set, whose name the set also gets in its manifest
    /// \param python    code that runs in the set's directory; `manifest` is its manifest
    void forge(const std::string& directory, const std::string& python = "pass") const;

    /// Makes a set in staging with `mastobak run`. Throws when that fails.
    void back_up() const;

    /// The exit status of a script, and its standard output and standard error as one text.
    struct Result {
        int status = 0;
        std::string text;
    };
    /// Runs a bash script as root, like an admin.
    /// \param seconds time limit, after which `timeout` ends the script
    Result admin(const std::string& script, int seconds = 60) const;
};

/// The media of the host's Mastodon, which belong to user mastodon.
constexpr auto media_of_mastodon = "/home/mastodon/live/public/system";

}  // namespace mastobak::test
