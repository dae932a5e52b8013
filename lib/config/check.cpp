// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/check.hpp"

#include <fmt/format.h>

namespace mastobak::config {
namespace {

namespace fs = std::filesystem;

/// Returns whether a path is the directory or below it. Compares only their names, because neither
/// need exist yet.
bool is_within(const fs::path& path, const fs::path& directory) {
    if (path.empty() || directory.empty()) return false;
    const auto p = (path / "").lexically_normal();
    const auto d = (directory / "").lexically_normal();
    return p.native().starts_with(d.native());
}

bool overlap(const fs::path& a, const fs::path& b) {
    return is_within(a, b) || is_within(b, a);
}

/// Returns the media directory, as far as the configuration determines it; otherwise empty.
fs::path media_path(const Config& config) {
    if (!config.media.path.empty() || config.mastodon.directory.empty()) return config.media.path;
    return config.mastodon.directory / "public/system";
}

void check_media(const Config& config, Reading& reading) {
    if (config.media.elsewhere && !config.media.path.empty())
        reading.problem_at("media.elsewhere",
                           "'media.elsewhere' and 'media.path' exclude each other",
                           "remove 'media.path', or set 'media.elsewhere: false' to back it up");
    // A backup of the media would contain the backups, and grow every night.
    if (!config.media.elsewhere && overlap(config.staging.path, media_path(config)))
        reading.problem_at(
            reading.has("staging.path") ? "staging.path" : "media.path",
            fmt::format("the staging directory '{}' and the media directory '{}' overlap",
                        config.staging.path.native(), media_path(config).native()),
            "let 'staging.path' be outside of it");
}

void check_directories(const Config& config, Reading& reading) {
    if (is_within(config.state_directory, config.staging.path))
        reading.problem_at(
            reading.has("state_directory") ? "state_directory" : "staging.path",
            fmt::format("the state directory '{}' is in the staging directory '{}'",
                        config.state_directory.native(), config.staging.path.native()),
            "let 'staging.path' be a directory of its own");
    for (std::size_t i = 0; i < config.offsite.size(); ++i) {
        const auto& remote = config.offsite[i];
        if (remote.type != RemoteType::directory) continue;
        const auto key = fmt::format("offsite[{}].target", i);
        if (overlap(remote.target, config.staging.path))
            reading.problem_at(
                key,
                fmt::format("'{}' of the remote '{}' overlaps the staging directory "
                            "'{}'",
                            remote.target, remote.name, config.staging.path.native()),
                "a copy belongs on another disk");
        else if (!config.media.elsewhere && overlap(remote.target, media_path(config)))
            reading.problem_at(key,
                               fmt::format("'{}' of the remote '{}' overlaps the media directory "
                                           "'{}'",
                                           remote.target, remote.name, media_path(config).native()),
                               "a copy belongs on another disk");
    }
}

// Two remotes with the same target would upload to it at the same time.
void check_targets(const Config& config, Reading& reading) {
    for (std::size_t i = 0; i < config.offsite.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (config.offsite[i].type == config.offsite[j].type &&
                !config.offsite[i].target.empty() &&
                config.offsite[i].target == config.offsite[j].target)
                reading.problem_at(fmt::format("offsite[{}].target", i),
                                   fmt::format("'{}' is the target of '{}' already",
                                               config.offsite[i].target, config.offsite[j].name),
                                   "remove one of the two");
}

// Staging needs room for two packs, because one is written while another one is uploaded.
void check_staging(const Config& config, Reading& reading) {
    const auto& staging = config.staging;
    if (staging.max_size && !config.media.elsewhere &&
        staging.max_size->count / 2 < config.media.pack_size.count)
        reading.problem_at("staging.max_size",
                           "'staging.max_size' has no room for two packs of 'media.pack_size'",
                           "raise 'staging.max_size' or lower 'media.pack_size'");
    if (!staging.keep_packs && config.offsite.empty())
        reading.problem_at("staging.keep_packs",
                           "'staging.keep_packs: false' needs a remote that has the packs",
                           "configure one in 'offsite', or remove the line");
}

// The record that the file was created is in /run, which a power cut clears.
void check_consistency(const Config& config, Reading& reading) {
    const auto& file = config.consistency.maintenance_file;
    if (file.empty() || is_within(file, "/run") || is_within(file, "/var/run")) return;
    reading.problem_at(
        "consistency.maintenance_file",
        fmt::format("'{}' would be there after a power cut, and would not be removed",
                    file.native()),
        "let it be below /run: /run/mastobak/maintenance");
}

void check_compose(const Config& config, Reading& reading) {
    if (!config.database.dump_in.empty() && !config.mastodon.compose.used())
        reading.problem_at("database.dump_in",
                           "'database.dump_in' names a service, but there is no project",
                           "set mastodon.compose.project, or remove the line");
    if (config.mastodon.compose.used() || config.mastodon.compose == Compose()) return;
    reading.problem_at("mastodon.compose", "'mastodon.compose' lacks 'project'",
                       "'docker compose ls' lists the projects of this host");
}

/// The list may be empty only in mode `live`, which stops nothing.
void check_units(const Config& config, Reading& reading) {
    if (!config.mastodon.units.empty() || config.consistency.mode == ConsistencyMode::live) return;
    reading.problem_at("mastodon.units", "the list 'mastodon.units' is empty",
                       "remove the line to have the default, or set 'consistency: live', which "
                       "stops no unit");
}

void check_alerts(const Config& config, Reading& reading) {
    using namespace std::chrono_literals;
    if (config.schedule.enabled && config.alerts.stale_after < 24h)
        reading.problem_at("alerts.stale_after",
                           "'alerts.stale_after' is shorter than the day between two runs",
                           "the default is 26 h");
}

// node_exporter ignores files with other names.
void check_metrics(const Config& config, Reading& reading) {
    const auto& file = config.metrics.textfile;
    if (file.empty() || file.extension() == ".prom") return;
    reading.problem_at("metrics.textfile",
                       fmt::format("'{}' does not end in '.prom'", file.native()),
                       "node_exporter reads no other files: "
                       "/var/lib/prometheus/node-exporter/mastobak.prom");
}

}  // namespace

void check(const Config& config, Reading& reading) {
    check_media(config, reading);
    check_directories(config, reading);
    check_targets(config, reading);
    check_staging(config, reading);
    check_consistency(config, reading);
    check_compose(config, reading);
    check_units(config, reading);
    check_alerts(config, reading);
    check_metrics(config, reading);
}

}  // namespace mastobak::config
