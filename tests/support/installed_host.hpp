// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

namespace mastobak::test {

/// A throwaway host on which a small Mastodon runs and mastobak is installed and set up, as the
/// README says it; with `/mnt/offsite` as a remote. The daemon is not started yet.
///
/// Uses build/release, which tests/run builds.
class InstalledHost {
 public:
    InstalledHost();

    Finished exec(std::vector<std::string> argv) const { return host_->exec(std::move(argv)); }
    std::string sh(const std::string& script) const { return host_->sh(script); }
    /// `mastobak …`; its exit status.
    int mastobak(std::vector<std::string> arguments) const;
    std::string journal() const { return sh("journalctl --no-pager -o cat -u mastobak"); }

    void start_daemon() const;
    /// Waits until the script succeeds, at most 30 s.
    bool eventually(const std::string& script) const;

    /// Makes the next dump wait until release_dump(): something to interrupt.
    void hold_dump() const;
    /// Seen from outside: a program that is confined makes no file.
    bool dump_is_held() const {
        return eventually(
            "pgrep -af '[/]opt/slow/pg_dump' | grep -qv -e --schema-only -e --version");
    }
    void release_dump() const;

    /// "active active active active" when all of Mastodon runs.
    bool mastodon_runs() const;
    std::vector<std::string> sets() const;
    bool leftovers() const;

 private:
    TemporaryDirectory stage_;
    std::unique_ptr<TestHost> host_;
};

}  // namespace mastobak::test
