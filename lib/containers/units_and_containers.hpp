// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "containers/container_control.hpp"
#include "units/unit_control.hpp"

namespace mastobak::containers {

/// Controls units of systemd and containers: each name goes to the control that knows it. Without
/// containers it is systemd's, and needs no engine.
class UnitsAndContainers final : public units::UnitControl {
 public:
    /// \param systemd has to outlive this object
    /// \param socket  see ContainerControl
    UnitsAndContainers(units::UnitControl& systemd, std::filesystem::path socket);

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
    /// Keeps the order of the names.
    void start_no_reply(const std::vector<std::string>& names) noexcept override;
    void restart_no_reply(const std::vector<std::string>& names) noexcept override;

 private:
    units::UnitControl& control_of(const std::string& name);

    units::UnitControl& systemd_;
    std::filesystem::path socket_;
    std::unique_ptr<ContainerControl> containers_{};  ///< made when it is needed: it has threads
};

}  // namespace mastobak::containers
