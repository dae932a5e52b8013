// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/process.hpp"
#include "core/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// What a TestHost is started with; see testhost/testhost.
struct TestHostOptions {
    std::string setup{};                ///< bash, run before the boot; the root is $ROOTFS
    std::vector<std::string> enable{};  ///< units that start with the host
    std::vector<std::string> bind{};    ///< "SOURCE[:TARGET]"
    std::vector<std::string> bind_read_only{};
    std::filesystem::path upper{};  ///< what is written stays in here
    bool logind = false;
    bool loop_devices = false;
};

/// A throwaway host with a real systemd as PID 1, up in half a second; this machine's own root
/// file system is visible inside, and what is written inside goes away with it. Needs root.
///
/// It dies with this process too, whatever ends it.
class TestHost {
 public:
    explicit TestHost(const TestHostOptions& options = {});
    ~TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    /// Runs a program inside, without a shell.
    Finished exec(std::vector<std::string> argv) const;
    /// Runs a bash script inside; its output, without trailing newlines. Throws when it fails.
    std::string sh(const std::string& script) const;

    /// Writes a unit file and tells systemd.
    void add_unit(std::string_view name, std::string_view text) const;
    /// "active", "inactive", "failed", …
    std::string state_of(const std::string& unit) const;
    std::string journal() const;

    /// Of its system bus, for clients out here.
    std::string bus_address() const;
    /// Its root directory, seen from here; changes with crash().
    std::filesystem::path root() const;

    /// A power cut, and the next boot of the same disk.
    void crash();

 private:
    std::string command(std::vector<std::string> arguments) const;

    TemporaryDirectory directory_;
    UniqueFd lease_;  ///< locked as long as we live: the host goes with it
    std::string name_;
};

}  // namespace mastobak::test
