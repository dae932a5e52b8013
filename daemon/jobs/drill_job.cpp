// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/drill_job.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "postgres/scratch/scratch_unit.hpp"
#include "restore/source/find_source.hpp"
#include "restore/source/set_source.hpp"
#include "schedule/next_run.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;
using config::DrillSchedule;

constexpr auto try_again_after = std::chrono::hours(12);

std::optional<schedule::Period> period_of(DrillSchedule schedule) {
    using schedule::Period;
    constexpr std::array<std::optional<Period>, 4> periods{std::nullopt, Period::day, Period::week,
                                                           Period::month};
    return periods.at(static_cast<std::size_t>(schedule));
}

/// Returns the requested source; without a request, the remote with the newest eligible set, or
/// staging if no remote has one.
std::unique_ptr<restore::SetSource> choose_source(const config::Config& config,
                                                  const std::string& from, const std::string& set,
                                                  const fs::path& scratch, std::stop_token stop) {
    if (from.empty())
        if (auto newest = restore::find_newest_off_site(config, set, scratch, stop))
            return std::move(newest->source);
    return restore::find_source(config, from, scratch);
}

/// Adds the time at which the scheduled drills of a remote will have read all its media.
void say_when_all_is_read(restore::DrillReport& report, DrillSchedule schedule) {
    using std::chrono::days;
    constexpr std::array periods{days(0), days(1), days(7), days(30)};
    const auto every = periods.at(static_cast<std::size_t>(schedule));
    constexpr std::uint64_t foreseeable = 1000;  // drills; more might overflow the time
    if (!report.media || !report.media->drills_left || every == days(0)) return;
    if (const auto left = *report.media->drills_left; left <= foreseeable)
        report.media->all_read_by = report.started_at + every * static_cast<int>(left);
}

restore::BootOptions boot_options(const config::Config& config) {
    const auto& boot = config.drill.boot;
    restore::BootOptions options;
    options.directory = config.mastodon.directory.empty() ? fs::path("/home/mastodon/live")
                                                          : config.mastodon.directory;
    const bool found = boot == std::vector<std::string>{"auto"};
    if (boot == std::vector<std::string>{"never"}) {
        options.why_not = "drill.boot says never";
        return options;
    }
    if (found && config.mastodon.compose.used()) {
        options.why_not = "Mastodon is in containers, which a drill does not start";
        return options;
    }
    options.command = boot;
    options.is_a_guess = found;
    if (found) options.command = {options.directory / "bin/rails", "runner", "-"};
    // A path that this user may not access does not count as missing: systemd mounts it as root.
    const auto is_missing = [](const fs::path& path) {
        std::error_code error;
        return !fs::exists(path, error) && error != std::errc::permission_denied;
    };
    if (is_missing(options.directory) || (found && is_missing(options.command[0])))
        options.why_not =
            fmt::format("this host has no Mastodon in '{}'", options.directory.native());
    return options;
}

restore::DrillContainers drill_containers(const config::Config& config) {
    if (!config.mastodon.compose.used()) return {};
    return {.socket = config.instance.containers_socket(),
            .project = config.mastodon.compose.project,
            .service = config.database.dump_service()};
}

struct Emptied {
    explicit Emptied(fs::path directory) : path(std::move(directory)) { fs::remove_all(path); }
    ~Emptied() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Emptied(const Emptied&) = delete;
    Emptied& operator=(const Emptied&) = delete;

    const fs::path path;
};

}  // namespace

bool drill_is_due(DrillSchedule schedule, const Drills& drills, std::optional<Timestamp> newest,
                  Timestamp now) {
    const auto period = period_of(schedule);
    if (!period) return false;
    const auto when = [](const std::optional<DrillRecord>& record) {
        return record ? std::optional(record->report.started_at) : std::nullopt;
    };
    if (!schedule::due_once_in(*period, when(drills.last_made), now)) return false;
    // In the first hours of a month, the newest set is last month's, which is already drilled.
    const auto drilled =
        drills.last_made ? parse_set_name(drills.last_made->report.set) : std::nullopt;
    if (newest && !schedule::due_once_in(*period, drilled, *newest)) return false;
    const auto last = when(drills.last);
    return !last || *last > now || now - *last >= try_again_after ||
           (drills.last && drills.last->made());
}

fs::path drill_scratch(const config::Config& config) {
    return config.state_directory / "drill";
}

DrillRecord perform_drill(const config::Config& config, const DrillRequest& request,
                          const fs::path& scratch, const restore::OnDrillProgress& progress,
                          std::stop_token stop) {
    DrillRecord record;
    record.report.started_at = SystemClock().now();
    record.id = to_set_name(record.report.started_at);
    try {
        // If root drills, PostgreSQL's user must be able to traverse the directory.
        const Emptied directory(scratch);
        make_directories(scratch, 0711, Errc::environment);
        const auto from = request.from.empty() ? config.drill.from : request.from;
        const auto source = choose_source(config, from, request.set, scratch / "fetched", stop);
        // For a drill by hand, the directory is below TMPDIR, and min_free does not apply.
        const bool may_fill = scratch != drill_scratch(config);
        const restore::DrillOptions options{
            .scratch = scratch / "d",
            .min_free = may_fill ? Bytes{} : config.staging.min_free,
            .media_sample = config.drill.media_sample / 100.0,
            .media_minimum = static_cast<std::uint64_t>(config.drill.media_minimum),
            .allow_missing_secrets = config.files.allow_missing_secrets,
            .boot = boot_options(config),
            .memory = request.remembered ? config.state_directory / "media-read" : fs::path(),
            .explain = request.explain,
            .require_signed = request.signed_only,
            .database_as_unit = postgres::ScratchUnit::is_available(),
            .bin_directory = config.database.bin_directory,
            .containers = drill_containers(config)};
        const auto began = record.report.started_at;
        record.report = restore::drill(*source, request.set, options, progress, stop);
        record.report.started_at = began;
        say_when_all_is_read(record.report, config.drill.schedule);
    } catch (const std::exception&) {
        const auto error = stop.stop_requested() ? Error(Errc::cancelled, "the drill was cancelled")
                                                 : as_error(std::current_exception());
        finish(record, error);
    }
    return record;
}

}  // namespace mastobak::daemon
