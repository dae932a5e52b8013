// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "bus/value.hpp"
#include "units/unit_control.hpp"

namespace mastobak::bus {
class Connection;
struct Call;
struct Reply;
}  // namespace mastobak::bus

namespace mastobak::units {

/// Converts the result of a job in the signal JobRemoved: "done", "skipped", "failed", "timeout",
/// …. A skipped job had nothing to do, and counts as a success for systemctl, too. Source:
/// org.freedesktop.systemd1(5), signal JobRemoved; systemd, bus-wait-for-jobs.c
JobResult result_of_job(std::string_view word);

/// Controls units through systemd's manager, over D-Bus.
/// Source: org.freedesktop.systemd1(5).
class SystemdControl final : public UnitControl {
 public:
    /// \param connection connection to the bus of the manager; has to outlive this object
    explicit SystemdControl(bus::Connection& connection);
    ~SystemdControl() override;

    async::Task<std::vector<Unit>> list(std::vector<std::string> patterns) override;
    async::Task<JobResult> stop(std::string name) override;
    async::Task<JobResult> start(std::string name) override;
    async::Task<JobResult> restart(std::string name) override;
    async::Task<> check_may_control(std::string name) override;
    async::Task<> kill(std::string name, Whom whom, int signal) override;
    async::Task<std::vector<Process>> processes(std::string name) override;
    async::Task<std::optional<Unit>> query(std::string name) override;
    async::Task<std::optional<std::string>> property(std::string unit, std::string name) override;
    async::Task<Inhibitor> inhibit_shutdown() override;
    /// Uses a connection of its own. Waits at most a second until systemd has received the request,
    /// because polkit denies a request whose sender has already disconnected.
    void start_no_reply(const std::vector<std::string>& names) noexcept override;
    void restart_no_reply(const std::vector<std::string>& names) noexcept override;

 private:
    struct Jobs;

    async::Task<bus::Reply> exchange(bus::Call call);
    async::Task<bool> is_allowed(const char* method, std::vector<bus::Argument> arguments);
    async::Task<> watch_jobs();
    async::Task<JobResult> run_job(std::string method, std::string name);
    async::Task<JobResult> wait_for_job(std::string unit, std::string job, bool starts);
    void request(const char* method, const std::vector<std::string>& names) noexcept;
    async::Task<bool> is_under_way(std::string unit, std::string job);
    async::Task<std::optional<std::string>> read_property(std::string object, std::string interface,
                                                          std::string name);

    bus::Connection& connection_;
    std::shared_ptr<Jobs> jobs_;
};

}  // namespace mastobak::units
