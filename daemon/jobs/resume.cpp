// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/resume.hpp"

#include "backup/plan.hpp"
#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::daemon {
namespace {

/// Returns whether a run is in progress; the run then holds the lock. Otherwise takes the lock, so
/// that no run can begin.
bool run_goes_on(const config::Config& config, UniqueFd& lock) {
    try {
        lock = backup::lock_units(config);
    } catch (const Error& error) {
        // After any other error, the units are started without the lock.
        return error.code() == Errc::busy && !backup::run_is_killed(config);
    }
    return false;
}

}  // namespace

async::Task<units::StartReport> resume_orphaned_units(units::UnitControl& control,
                                                      const config::Config& config, Clock& clock) {
    UniqueFd lock;
    if (run_goes_on(config, lock)) co_return units::StartReport{};
    auto report = co_await units::resume(control, backup::record_of(config),
                                         backup::stop_options(config), clock);
    co_return report;
}

}  // namespace mastobak::daemon
