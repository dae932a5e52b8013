// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "units/unit_control.hpp"

namespace mastobak::test {

/// What a unit of FakeUnitControl is like.
struct FakeUnit {
    std::string state = "active";
    std::string part_of{};  ///< stops with that one
    std::map<std::string, std::string> properties{};
    int stops_to_fail = 0;     ///< that many stop jobs fail; the unit goes on
    int starts_to_fail = 0;    ///< that many start jobs fail
    int restarts_to_fail = 0;  ///< that many restart jobs fail, and leave it stopped
    bool denied = false;       ///< polkit does not let us start it
    bool refuses = false;      ///< as if systemd were shutting down
    bool hangs = false;        ///< its jobs never end
    /// Command lines of its processes while it is active, the main one first. A restart or start
    /// resets them to those of `fresh_processes`.
    std::vector<std::string> processes{};
    std::vector<std::string> fresh_processes{};
};

/// A systemd that does as it is told, and remembers what it was asked for. Passes the same contract
/// suite as SystemdControl (tests/contract/units).
class FakeUnitControl final : public units::UnitControl {
 public:
    std::map<std::string, FakeUnit> units{};
    /// "stop a.service", "start a.service", "start_no_reply a.service", "kill a.service SIGTSTP",
    /// "kill a.service SIGTSTP to all" and so on, in their order.
    std::vector<std::string> calls{};
    /// Called before each of those calls is done: to look around, to change units, to throw.
    std::function<void(const std::string& call)> before{};
    bool unreachable = false;  ///< everything throws Error{units}

    async::Task<std::vector<units::Unit>> list(std::vector<std::string> patterns) override;
    async::Task<units::JobResult> stop(std::string name) override;
    async::Task<units::JobResult> start(std::string name) override;
    async::Task<units::JobResult> restart(std::string name) override;
    async::Task<> check_may_control(std::string name) override;
    async::Task<> kill(std::string name, units::Whom whom, int signal) override;
    async::Task<std::vector<units::Process>> processes(std::string name) override;
    async::Task<std::optional<units::Unit>> query(std::string name) override;
    async::Task<std::optional<std::string>> property(std::string unit, std::string name) override;
    async::Task<units::Inhibitor> inhibit_shutdown() override;
    void start_no_reply(const std::vector<std::string>& names) noexcept override;
    void restart_no_reply(const std::vector<std::string>& names) noexcept override;

    std::vector<std::string> active() const;  ///< the names of the active ones, sorted
    bool inhibits_shutdown() const { return !inhibitor_.expired(); }

 private:
    async::Task<> begin(std::string call, bool hangs);

    std::weak_ptr<const UniqueFd> inhibitor_{};
};

}  // namespace mastobak::test
