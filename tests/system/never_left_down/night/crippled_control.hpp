// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "units/systemd_control.hpp"

namespace mastobak::test {

/// A UnitControl that forwards to another one. A test can switch off its two ways to start units.
class CrippledControl final : public units::UnitControl {
 public:
    explicit CrippledControl(units::UnitControl& real) : real_(real) {}

    bool starts = true;           ///< false: start() and restart() throw
    bool starts_no_reply = true;  ///< false: start_no_reply() and restart_no_reply() do nothing

    async::Task<std::vector<units::Unit>> list(std::vector<std::string> patterns) override {
        return real_.list(std::move(patterns));
    }
    async::Task<units::JobResult> stop(std::string name) override {
        return real_.stop(std::move(name));
    }
    async::Task<units::JobResult> start(std::string name) override {
        must_start(name);
        return real_.start(std::move(name));
    }
    async::Task<units::JobResult> restart(std::string name) override {
        must_start(name);
        return real_.restart(std::move(name));
    }
    async::Task<> check_may_control(std::string name) override {
        return real_.check_may_control(std::move(name));
    }
    async::Task<> kill(std::string name, units::Whom whom, int signal) override {
        return real_.kill(std::move(name), whom, signal);
    }
    async::Task<std::vector<units::Process>> processes(std::string name) override {
        return real_.processes(std::move(name));
    }
    async::Task<std::optional<units::Unit>> query(std::string name) override {
        return real_.query(std::move(name));
    }
    async::Task<std::optional<std::string>> property(std::string unit, std::string name) override {
        return real_.property(std::move(unit), std::move(name));
    }
    async::Task<units::Inhibitor> inhibit_shutdown() override { return real_.inhibit_shutdown(); }
    void start_no_reply(const std::vector<std::string>& names) noexcept override {
        if (starts_no_reply) real_.start_no_reply(names);
    }
    void restart_no_reply(const std::vector<std::string>& names) noexcept override {
        if (starts_no_reply) real_.restart_no_reply(names);
    }

 private:
    void must_start(const std::string& name) const {
        if (!starts) throw Error(Errc::units, "start '" + name + "': switched off by the test");
    }

    units::UnitControl& real_;
};

}  // namespace mastobak::test
