// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/units_and_containers.hpp"

#include <algorithm>
#include <utility>

#include "units/container_name.hpp"

namespace mastobak::containers {

UnitsAndContainers::UnitsAndContainers(units::UnitControl& systemd, std::filesystem::path socket)
    : systemd_(systemd), socket_(std::move(socket)) {}

units::UnitControl& UnitsAndContainers::control_of(const std::string& name) {
    if (!units::names_containers(name)) return systemd_;
    if (!containers_) containers_ = std::make_unique<ContainerControl>(socket_);
    return *containers_;
}

async::Task<std::vector<units::Unit>> UnitsAndContainers::list(std::vector<std::string> patterns) {
    std::vector<units::Unit> found;
    // Patterns of the same kind that follow each other are one call.
    for (auto next = patterns.begin(); next != patterns.end();) {
        const bool containers = units::names_containers(*next);
        const auto end = std::find_if(next, patterns.end(), [containers](const auto& pattern) {
            return units::names_containers(pattern) != containers;
        });
        std::vector<std::string> some(next, end);
        next = end;
        auto& control = control_of(some.front());
        auto more = co_await control.list(std::move(some));
        for (auto& unit : more) {
            const auto same = [&unit](const auto& other) { return other.name == unit.name; };
            if (std::ranges::none_of(found, same)) found.push_back(std::move(unit));
        }
    }
    co_return found;
}

async::Task<units::JobResult> UnitsAndContainers::stop(std::string name) {
    auto& control = control_of(name);
    co_return co_await control.stop(std::move(name));
}

async::Task<units::JobResult> UnitsAndContainers::start(std::string name) {
    auto& control = control_of(name);
    co_return co_await control.start(std::move(name));
}

async::Task<units::JobResult> UnitsAndContainers::restart(std::string name) {
    auto& control = control_of(name);
    co_return co_await control.restart(std::move(name));
}

async::Task<> UnitsAndContainers::check_may_control(std::string name) {
    auto& control = control_of(name);
    co_await control.check_may_control(std::move(name));
}

async::Task<> UnitsAndContainers::kill(std::string name, units::Whom whom, int signal) {
    auto& control = control_of(name);
    co_await control.kill(std::move(name), whom, signal);
}

async::Task<std::vector<units::Process>> UnitsAndContainers::processes(std::string name) {
    auto& control = control_of(name);
    co_return co_await control.processes(std::move(name));
}

async::Task<std::optional<units::Unit>> UnitsAndContainers::query(std::string name) {
    auto& control = control_of(name);
    co_return co_await control.query(std::move(name));
}

async::Task<std::optional<std::string>> UnitsAndContainers::property(std::string unit,
                                                                     std::string name) {
    auto& control = control_of(unit);
    co_return co_await control.property(std::move(unit), std::move(name));
}

async::Task<units::Inhibitor> UnitsAndContainers::inhibit_shutdown() {
    co_return co_await systemd_.inhibit_shutdown();
}

void UnitsAndContainers::start_no_reply(const std::vector<std::string>& names) noexcept {
    for (const auto& name : names) {
        try {
            control_of(name).start_no_reply({name});
        } catch (...) {
            // There are no threads for the control of containers; see ExecStopPost=.
        }
    }
}

void UnitsAndContainers::restart_no_reply(const std::vector<std::string>& names) noexcept {
    for (const auto& name : names) {
        try {
            control_of(name).restart_no_reply({name});
        } catch (...) {
            // As in start_no_reply().
        }
    }
}

}  // namespace mastobak::containers
