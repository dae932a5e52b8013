// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "async/run_sync.hpp"
#include "bus/connection.hpp"
#include "config/load.hpp"
#include "daemon/command.hpp"
#include "daemon/exit_status.hpp"
#include "units/stopped_units.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {
namespace {

async::Task<> resume_all(bus::Connection& bus, const config::Config& config,
                         units::StartReport& report) {
    units::SystemdControl control(bus);
    SystemClock clock;
    const units::StopOptions how{config.mastodon.units, config.mastodon.stop_timeout,
                                 config.mastodon.start_timeout, config.mastodon.start_attempts};
    report = co_await units::resume(
        control, units::Record(config.runtime_directory / "stopped-units"), how, clock);
    bus.close();
}

}  // namespace

// systemd calls it each time the daemon has ended: nearly always there is nothing to do. It works
// with a configuration that is broken, too: the units' names are in the record.
int command_resume_units(const Options& options) {
    const auto config = config::load(options.config).config;
    const units::Record record(config.runtime_directory / "stopped-units");
    if (record.read().empty()) return 0;
    async::asio::io_context loop(1);
    bus::Connection bus(loop);
    units::StartReport report;
    async::run_sync(loop, resume_all(bus, config, report));
    for (const auto& unit : report.downtime) fmt::print(stderr, "<5>started '{}'\n", unit.unit);
    for (const auto& warning : report.warnings) fmt::print(stderr, "<4>{}\n", warning);
    for (const auto& unit : report.down)
        fmt::print(stderr, "<2>'{}' was stopped by a run and does not start\n", unit);
    return report.down.empty() ? 0 : exit_status(Errc::units);
}

}  // namespace mastobak::daemon
