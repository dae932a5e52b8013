// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

namespace mastobak::test {

/// The containers of Mastodon that run before a night, in the order of their names.
inline constexpr auto running = "db-1 sidekiq-1 sidekiq-2 streaming-1 web-1";

/// A throwaway host with a project of Docker Compose (see make-compose-host) and an installed
/// mastobak, with `/mnt/offsite` as a remote. The daemon is not started yet. Uses build/release.
class ComposeHost {
 public:
    enum class State { installed, configured };

    /// \param state           configured: by `mastobak setup`
    /// \param options_of_host "--image --password": see make-compose-host
    explicit ComposeHost(State state = State::configured, const std::string& options_of_host = {});

    std::string sh(const std::string& script) const { return host_->sh(script); }
    /// Runs a script and returns its exit status.
    int status_of(const std::string& script) const;
    /// Returns what a command prints, and its exit status in the last line.
    std::string told(const std::string& command) const;
    /// Waits until the script succeeds, at most 30 s.
    bool eventually(const std::string& script) const;

    /// Returns the directory of the set in staging, which has to be the only one.
    std::string only_set() const;
    std::string running_now() const;
    /// Waits until what ran before runs.
    bool runs_again() const;
    /// Waits until only the database runs.
    bool all_stopped() const;
    void reboot() const { host_->crash(); }

 private:
    TemporaryDirectory stage_;
    std::unique_ptr<TestHost> host_;
};

}  // namespace mastobak::test
