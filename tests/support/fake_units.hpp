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

/// A unit of FakeUnitControl.
struct FakeUnit {
    std::string state = "active";
    std::string part_of{};  ///< stops when this unit stops
    std::map<std::string, std::string> properties{};
    int stops_to_fail = 0;     ///< this many stop jobs fail, and the unit keeps running
    int starts_to_fail = 0;    ///< this many start jobs fail
    int restarts_to_fail = 0;  ///< this many restart jobs fail, and leave the unit stopped
    bool denied = false;       ///< polkit does not allow to start it
    bool refuses = false;      ///< as if systemd were shutting down
    bool hangs = false;        ///< its jobs never end
    /// Command lines of its processes while it is active; the main process comes first. A restart
    /// or start resets them to `fresh_processes`.
    std::vector<std::string> processes{};
    std::vector<std::string> fresh_processes{};
};

/// A fake systemd, which records the calls. Passes the same contract tests as SystemdControl
/// (tests/contract/units).
class FakeUnitControl final : public units::UnitControl {
 public:
    std::map<std::string, FakeUnit> units{};
    /// "stop a.service", "start a.service", "start_no_reply a.service", "kill a.service SIGTSTP",
    /// "kill a.service SIGTSTP to all" and so on, in call order.
    std::vector<std::string> calls{};
    /// Called before each of those calls takes effect. It may change units, and may throw.
    std::function<void(const std::string& call)> before{};
    bool unreachable = false;  ///< all calls throw Error{units}

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

    std::vector<std::string> active() const;  ///< the names of the active units, sorted
    bool inhibits_shutdown() const { return !inhibitor_.expired(); }

 private:
    async::Task<> begin(std::string call, bool hangs);

    std::weak_ptr<const UniqueFd> inhibitor_{};
};

}  // namespace mastobak::test
