// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "support/test_host.hpp"

namespace mastobak::test {

/// How the small Mastodon of a NightHost runs: as units of systemd, or in containers.
class InstanceOnHost {
 public:
    virtual ~InstanceOnHost() = default;

    /// Adds what the host needs to its options.
    /// \param directory that of the NightHost
    virtual void prepare(TestHostOptions& options,
                         const std::filesystem::path& directory) const = 0;
    /// Makes what runs on a host that has booted for the first time.
    virtual void make(const TestHost& host, const std::filesystem::path& directory) const = 0;
    /// Returns the lines of `mastodon:` that name it: "directory: …".
    virtual std::string settings(const std::filesystem::path& directory) const = 0;
    /// Starts what runs at the beginning.
    virtual void start(const TestHost& host) const = 0;
    /// Returns the names of what runs.
    virtual std::set<std::string> active(const TestHost& host) const = 0;
    /// Returns whether a sidekiq takes no jobs.
    virtual bool is_quiet(const TestHost& host) const = 0;
    /// Returns whether what ran before a power cut runs again when the net was obeyed after the
    /// boot.
    virtual bool survives_boot() const = 0;
};

/// Units of systemd, which are not enabled.
std::unique_ptr<InstanceOnHost> in_units();

/// Containers of a Docker Compose project under a real dockerd, with `restart: unless-stopped`. The
/// helper for containers controls them.
std::unique_ptr<InstanceOnHost> in_containers();

}  // namespace mastobak::test
