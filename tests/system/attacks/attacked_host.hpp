// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "support/installed_host.hpp"

namespace mastobak::test {

/// A host on which a lesser user, the database or a remote is hostile. What must not happen is
/// written to `/root/canary`, or is looked for afterwards; the programs are the installed ones.
struct AttackedHost : InstalledHost {
    /// Runs a bash script as a user of the host, without any capability, as one who has broken into
    /// that user's programs does. Throws when the script fails.
    std::string as(const std::string& user, const std::string& script) const;

    /// Changes a set as one who may write to it does, and its hashes with it. Its signature stays,
    /// and is of no use any more. Throws when the program fails.
    /// \param directory of the set; what it is called is what it says of itself
    /// \param python    in the set's directory; `manifest` is its manifest
    void forge(const std::string& directory, const std::string& python = "pass") const;

    /// Makes a set in staging, as `mastobak run` does. Throws when that fails.
    void back_up() const;

    /// Runs a bash script as root, as an admin does; `timeout` ends what does not end by itself.
    /// \return exit status, and standard output and standard error as one text
    struct Result {
        int status = 0;
        std::string text;
    };
    Result admin(const std::string& script, int seconds = 60) const;
};

/// The media of the host's Mastodon, which belong to user mastodon.
constexpr auto media_of_mastodon = "/home/mastodon/live/public/system";

}  // namespace mastobak::test
