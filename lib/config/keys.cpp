// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/keys.hpp"

#include "config/lists.hpp"
#include "config/values.hpp"

namespace mastobak::config {
using namespace std::chrono_literals;

std::vector<Key> keys_of(Retention& r) {
    return {{"daily", number(r.daily, 0, 10'000)},
            {"weekly", number(r.weekly, 0, 10'000)},
            {"monthly", number(r.monthly, 0, 10'000)},
            {"yearly", number(r.yearly, 0, 10'000)},
            {"minimum", number(r.minimum, 1, 10'000)},
            {"keep_within", duration(r.keep_within, 0s, 24h * 3650)}};
}

namespace {

/// \param longest of its time limit
/// \param may_stop whether the run fails if the hook does and `on_failure` says so
std::vector<Key> keys_of(Hook& hook, std::chrono::seconds longest, bool may_stop) {
    std::vector<Key> keys{{"command", argv(hook.command)},
                          {"timeout", duration(hook.timeout, 1s, longest)}};
    if (may_stop) keys.push_back({"on_failure", choice(hook.on_failure, {"stop", "warn"})});
    return keys;
}

std::vector<Key> keys_of(Compose& compose) {
    return {{"project", project_name(compose.project)},
            {"services",
             {},
             {{"web", service_patterns(compose.web)},
              {"streaming", service_patterns(compose.streaming)},
              {"sidekiq", service_patterns(compose.sidekiq)}}},
            {"socket", absolute_path(compose.socket)}};
}

}  // namespace

// One line for each key. config.hpp and, for administrators, config/mastobak.yaml explain them.
std::vector<Key> keys_of(Config& c) {
    constexpr Bytes mebibyte{std::uint64_t{1} << 20};
    const auto mode = choice(c.consistency.mode, {"quiesce", "offline", "live"});
    return {
        {"mastodon",
         {},
         {{"directory", absolute_path(c.mastodon.directory)},
          {"env_file", absolute_path(c.mastodon.env_file)},
          {"units", unit_patterns(c.mastodon.units)},
          {"compose", {}, keys_of(c.mastodon.compose)},
          {"stop_timeout", duration(c.mastodon.stop_timeout, 1s, 1h)},
          {"start_timeout", duration(c.mastodon.start_timeout, 1s, 1h)},
          {"start_attempts", number(c.mastodon.start_attempts, 1, 100)},
          {"quiet_timeout", duration(c.mastodon.quiet_timeout, 0s, 1h)},
          {"health_url", http_url(c.mastodon.health_url)},
          {"streaming_health_url", http_url(c.mastodon.streaming_health_url)}}},
        {"database",
         {},
         {{"host", text(c.database.host)},
          {"port", number(c.database.port, 1, 65535)},
          {"name", text(c.database.name)},
          {"user", text(c.database.user)},
          {"passfile", absolute_path(c.database.passfile)},
          {"bin_directory", absolute_path(c.database.bin_directory)},
          {"dump_in", service_name(c.database.dump_in)},
          {"lock_timeout", duration(c.database.lock_timeout, 1s, 24h)},
          {"compression_level", number(c.database.compression_level, 1, 19)},
          {"deltas", flag(c.database.deltas)},
          {"rebase_above", number(c.database.rebase_above, 1, 100)},
          {"full_every", duration(c.database.full_every, 24h, 24h * 3650)}}},
        {"media",
         {},
         {{"path", absolute_path(c.media.path)},
          {"scope", choice(c.media.scope, {"local", "all"})},
          {"elsewhere", flag(c.media.elsewhere)},
          {"pack_size", size(c.media.pack_size, mebibyte)},
          {"full_walk", duration(c.media.full_walk, 0s, 24h * 365)},
          {"rate_limit", rate(c.media.rate_limit)},
          {"repack_below", number(c.media.repack_below, 0, 90)}}},
        {"files",
         {},
         {{"nginx", absolute_paths(c.files.nginx)},
          {"extra", absolute_paths(c.files.extra)},
          {"allow_missing_secrets", flag(c.files.allow_missing_secrets)}}},
        {"consistency",
         mode,
         {{"mode", mode},
          {"max_downtime", duration(c.consistency.max_downtime, 1s, 24h)},
          {"maintenance_file", absolute_path(c.consistency.maintenance_file)}}},
        {"staging",
         {},
         {{"path", absolute_path(c.staging.path)},
          {"min_free", size(c.staging.min_free, {})},
          {"max_size", size(c.staging.max_size, mebibyte)},
          {"keep_packs", flag(c.staging.keep_packs)}}},
        {"retention", {}, keys_of(c.retention)},
        {"schedule",
         {},
         {{"daily_at", time_of_day(c.schedule.daily_at)},
          {"random_delay", duration(c.schedule.random_delay, 0s, 12h)},
          {"retry_until", duration(c.schedule.retry_until, 0s, 12h)},
          {"catch_up", flag(c.schedule.catch_up)},
          {"enabled", flag(c.schedule.enabled)}}},
        {"offsite", remotes(c.offsite)},
        {"recovery", {}, {{"age_key", age_key(c.recovery.age_key)}}},
        {"drill",
         {},
         {{"schedule", choice(c.drill.schedule, {"never", "daily", "weekly", "monthly"})},
          {"from", text(c.drill.from)},
          {"media_sample", number(c.drill.media_sample, 0, 100)},
          {"media_minimum", number(c.drill.media_minimum, 0, 1'000'000)},
          {"scrub_every", duration_or_never(c.drill.scrub_every, 1h, 24h * 3650)},
          {"boot", command_or(c.drill.boot, {"auto", "never"})}}},
        {"alerts",
         {},
         {{"stale_after", duration(c.alerts.stale_after, 1h, 24h * 365)},
          {"offsite_stale_after", duration(c.alerts.offsite_stale_after, 1h, 24h * 365)},
          {"drill_stale_after", duration(c.alerts.drill_stale_after, 24h, 24h * 3650)}}},
        {"notify", notify_targets(c.notify)},
        {"hooks",
         {},
         {{"before_run", {}, keys_of(c.hooks.before_run, 1h, true)},
          {"after_run", {}, keys_of(c.hooks.after_run, 1h, false)},
          {"after_failure", {}, keys_of(c.hooks.after_failure, 1h, false)},
          {"before_freeze", {}, keys_of(c.hooks.before_freeze, 1min, true)},
          {"after_freeze", {}, keys_of(c.hooks.after_freeze, 1min, false)}}},
        {"report", flag(c.report)},
        {"metrics", {}, {{"textfile", absolute_path(c.metrics.textfile)}}},
        {"state_directory", absolute_path(c.state_directory)},
        {"runtime_directory", absolute_path(c.runtime_directory)},
    };
}

}  // namespace mastobak::config
