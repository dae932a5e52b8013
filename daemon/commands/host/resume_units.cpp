// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/plan.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/jobs/resume.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::daemon {
namespace {

// systemd runs this command each time the daemon has ended; nearly always there is nothing to do.
// It also works with an invalid configuration, because the record has the names of the units.
int command_resume_units(const Options& options) {
    const auto config = config::load(options.config, options.instance).config;
    if (!units::has_leftovers(backup::record_of(config), backup::stop_options(config))) return 0;
    SystemClock clock;
    const auto report = with_systemd(config.instance, [&](units::UnitControl& control) {
        return resume_orphaned_units(control, config, clock);
    });
    for (const auto& unit : report.started) say_error("<5>started '{}'\n", unit);
    for (const auto& warning : report.warnings) say_error("<4>{}\n", warning);
    for (const auto& unit : report.down)
        say_error("<2>'{}' was stopped by a run and does not start\n", unit);
    return report.down.empty() ? 0 : exit_status(Errc::units);
}

const Subcommand resume_units_command(
    200, "resume-units",
    "start the units that a killed run has left stopped (mastobak.service does this)",
    command_resume_units, {.logs = true, .example = "mastobak resume-units"});

}  // namespace
}  // namespace mastobak::daemon
