// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "core/process/process.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// The options of a TestHost; see testhost/testhost.
struct TestHostOptions {
    std::string setup{};                ///< bash, run before the boot; the root is $ROOTFS
    std::vector<std::string> enable{};  ///< units that start with the host
    std::vector<std::string> bind{};    ///< "SOURCE[:TARGET]"
    std::vector<std::string> bind_read_only{};
    std::filesystem::path upper{};  ///< keeps the written files in this directory
    bool logind = false;
    bool loop_devices = false;
};

/// Installs build/release, which `tests/run --all` builds, into a directory below `stage`. Throws
/// when that fails.
/// \return options of a host that has these files in /opt/stage, and the source tree in /opt/mastobak
TestHostOptions with_build(const TemporaryDirectory& stage);

/// A throwaway host with a real systemd as PID 1, which boots in half a second. This machine's root
/// file system is visible inside. Files written inside are removed with the host. Needs root.
///
/// The host also ends when this process ends, for any reason.
class TestHost {
 public:
    explicit TestHost(const TestHostOptions& options = {});
    ~TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    /// Runs a program inside, without a shell.
    Finished exec(std::vector<std::string> argv) const;
    /// Runs a bash script inside and returns its output without trailing newlines. Throws when it
    /// fails.
    std::string sh(const std::string& script) const;

    /// Writes a unit file and reloads systemd.
    void add_unit(std::string_view name, std::string_view text) const;
    /// Returns the state of a unit: "active", "inactive", "failed", …
    std::string state_of(const std::string& unit) const;
    std::string journal() const;

    /// Returns the address of the host's system bus, for clients outside.
    std::string bus_address() const;
    /// Returns the path of the host's root directory from outside; crash() changes it.
    std::filesystem::path root() const;

    /// Connects this host to another one, by a cable.
    /// \param ours, theirs the addresses of its ends, such as "10.99.0.1/24"
    void link(const std::string& ours, const TestHost& other, const std::string& theirs) const;

    /// Simulates a power cut and boots from the same disk again.
    void crash();

 private:
    std::string command(std::vector<std::string> arguments) const;

    TemporaryDirectory directory_;
    UniqueFd lease_;  ///< locked while this process lives; the host ends when it is unlocked
    std::string name_;
};

}  // namespace mastobak::test
