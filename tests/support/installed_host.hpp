// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

namespace mastobak::test {

/// A throwaway host with a running small Mastodon, on which mastobak is installed and set up as the
/// README describes, with `/mnt/offsite` as a remote. The daemon is not started yet.
///
/// Uses build/release, which `tests/run --all` builds.
class InstalledHost {
 public:
    InstalledHost();

    Finished exec(std::vector<std::string> argv) const { return host_->exec(std::move(argv)); }
    std::string sh(const std::string& script) const { return host_->sh(script); }
    const TestHost& host() const { return *host_; }
    /// Runs `mastobak …` and returns its exit status.
    int mastobak(std::vector<std::string> arguments) const;
    std::string journal() const { return sh("journalctl --no-pager -o cat -u mastobak"); }

    void start_daemon() const;
    /// Waits until the script succeeds, at most 30 s.
    bool eventually(const std::string& script) const;

    /// Makes the next dump wait until release_dump(), so that a test can interrupt it.
    void hold_dump() const;
    /// Waits until a dump is held. It searches for the process, because a confined program cannot
    /// create a file.
    bool dump_is_held() const {
        return eventually(
            "pgrep -af '[/]opt/slow/pg_dump' | grep -qv -e --schema-only -e --version");
    }
    void release_dump() const;

    /// Waits until all units of Mastodon are active.
    bool mastodon_runs() const;
    std::vector<std::string> sets() const;
    bool leftovers() const;

    /// Simulates a power cut, and boots again. Only units that are enabled are started.
    void reboot() const { host_->crash(); }

 private:
    TemporaryDirectory stage_;
    std::unique_ptr<TestHost> host_;
};

}  // namespace mastobak::test
