// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/instance.hpp"
#include "http/url.hpp"

/// The contents of /etc/mastobak/mastobak.yaml, with the defaults for missing keys.
/// config/mastobak.yaml documents every key; a test compares the two.
namespace mastobak::config {

/// `mastodon.compose:` a Mastodon in containers that Docker Compose has made.
struct Compose {
    std::string project;  ///< the name of the project; empty: Mastodon is not in containers
    /// Names or globs of services, whose running containers are stopped.
    std::vector<std::string> web{"web"};
    std::vector<std::string> streaming{"streaming"};
    std::vector<std::string> sidekiq{"sidekiq*"};
    /// The API of the container engine. Only mastobak-containers.service uses it.
    std::filesystem::path socket{"/run/docker.sock"};

    bool used() const { return !project.empty(); }
    bool operator==(const Compose&) const = default;
};

/// `mastodon:` the paths of Mastodon, and the units that are stopped.
struct Mastodon {
    /// Mastodon's checkout (…/live). Empty: the WorkingDirectory of mastodon-web.service.
    std::filesystem::path directory;
    /// Mastodon's dotenv file. Empty: `.env.production` in the directory.
    std::filesystem::path env_file;
    /// Names or globs of loaded units; those that are active are stopped, in this order, and
    /// started again in reverse. load() adds the containers of `compose` ("mastodon/web/*.container"),
    /// and leaves out the default units then.
    std::vector<std::string> units{"mastodon-web.service", "mastodon-streaming*.service",
                                   "mastodon-sidekiq*.service"};
    Compose compose;
    std::chrono::seconds stop_timeout{120};
    std::chrono::seconds start_timeout{120};
    int start_attempts = 5;  ///< attempts to start one unit before it is reported as down
    /// How long sidekiq may take to finish its jobs before it is stopped. The other units still run
    /// during this time.
    std::chrono::seconds quiet_timeout{30};
    /// Requested after the start; a service that does not answer is down.
    std::optional<http::Url> health_url;
    std::optional<http::Url> streaming_health_url;

    bool operator==(const Mastodon&) const = default;
};

/// `database:` overrides the connection settings of `.env.production`; options of the dump.
struct Database {
    std::optional<std::string> host;  ///< name, address, or directory of the socket
    std::optional<std::uint16_t> port;
    std::optional<std::string> name;
    std::optional<std::string> user;
    /// A libpq passfile (mode 0600), which needs `host`. Empty: the password of `.env.production`,
    /// if the user is its.
    std::filesystem::path passfile;
    /// The directory of pg_dump. Empty: the best one of /usr/lib/postgresql/*/bin.
    std::filesystem::path bin_directory;
    /// The service of `mastodon.compose` in whose container pg_dump runs. Empty: pg_dump runs on the
    /// host, or in `db` when the host has none that is as new as the server.
    std::string dump_in;
    /// Returns the service in whose container pg_dump may run.
    std::string dump_service() const { return dump_in.empty() ? "db" : dump_in; }
    std::chrono::seconds lock_timeout{60};  ///< for locks of tables (a migration may hold one)
    int compression_level = 3;              ///< compression level of zstd, 1 to 19
    /// Whether a dump is stored as its difference from an earlier dump, the base. Otherwise each
    /// dump is stored whole.
    bool deltas = true;
    /// A difference larger than this percentage of a whole dump: the next dump is stored whole.
    int rebase_above = 20;
    /// After this time a dump is stored whole.
    std::chrono::seconds full_every = std::chrono::hours(30 * 24);

    bool operator==(const Database&) const = default;
};

enum class MediaScope { local, all };

/// `media:`
struct Media {
    std::filesystem::path path;  ///< empty: PAPERCLIP_ROOT_PATH, or `public/system`
    MediaScope scope = MediaScope::local;
    /// Media is in an object store, or is backed up by other means: sets are made without it.
    bool elsewhere = false;
    Bytes pack_size{std::uint64_t{1} << 30};
    /// How long the change journal is trusted before a walk of the tree checks it. 0: every run
    /// walks the tree.
    std::chrono::seconds full_walk = std::chrono::hours(7 * 24);
    std::optional<Bytes> rate_limit;  ///< bytes read per second while Mastodon runs
    /// Packs of which less than this percentage is needed are repacked. 0: none.
    int repack_below = 30;

    bool operator==(const Media&) const = default;
};

/// `files:` the files of config.tar.zst in addition to `.env*` and the units.
struct Files {
    std::vector<std::filesystem::path> nginx{"/etc/nginx/nginx.conf", "/etc/nginx/sites-available",
                                             "/etc/nginx/conf.d"};
    std::vector<std::filesystem::path> extra;  ///< these have to exist
    /// Accept an instance whose `.env.production` lacks a secret that Mastodon needs.
    bool allow_missing_secrets = false;

    bool operator==(const Files&) const = default;
};

enum class ConsistencyMode { quiesce, offline, live };

/// `consistency:` only the mode, or a mapping of these keys.
struct Consistency {
    ConsistencyMode mode = ConsistencyMode::quiesce;
    std::chrono::seconds max_downtime{300};
    /// A file that exists while the units are stopped, so that the web server shows a maintenance
    /// page. Empty: none.
    std::filesystem::path maintenance_file;

    bool operator==(const Consistency&) const = default;
};

/// `staging:`
struct Staging {
    std::filesystem::path path = Instance().state_directory() / "staging";
    Bytes min_free{std::uint64_t{1} << 30};  ///< free space that a run always leaves
    std::optional<Bytes> max_size;           ///< limit of the total size of staging
    bool keep_packs = true;                  ///< keep packs in staging after every remote has them

    bool operator==(const Staging&) const = default;
};

/// `retention:` the sets to keep: the newest set of each of the last days, weeks, … that have a
/// set.
struct Retention {
    int daily = 7;
    int weekly = 4;
    int monthly = 6;
    int yearly = 0;
    int minimum = 3;                      ///< number of newest sets that are always kept
    std::chrono::seconds keep_within{0};  ///< sets less than this older than the newest are kept

    bool operator==(const Retention&) const = default;
};

/// `schedule:`
struct Schedule {
    std::chrono::minutes daily_at{180};  ///< after local midnight, "03:00"
    std::chrono::seconds random_delay{0};
    /// How long after the first attempt of a night another one may begin. Only failures that may be
    /// temporary are retried (PostgreSQL or a remote does not answer, …). 0: one attempt each
    /// night.
    std::chrono::seconds retry_until = std::chrono::hours(4);
    bool catch_up = true;  ///< after a start, make up for a missed run
    bool enabled = true;

    bool operator==(const Schedule&) const = default;
};

enum class RemoteType { rclone, rsync, directory };

/// One entry of `offsite:`
struct Remote {
    std::string name;
    RemoteType type = RemoteType::rclone;
    /// rclone: "b2:bucket/path"; rsync: "user@host:/path"; directory: "/mnt/disk/mastobak"
    std::string target;
    std::filesystem::path rclone_config{"/etc/mastobak/rclone.conf"};
    std::filesystem::path identity_file{"/etc/mastobak/ssh/id_ed25519"};  ///< rsync
    std::filesystem::path known_hosts{"/etc/mastobak/ssh/known_hosts"};   ///< rsync
    std::uint16_t port = 22;                                              ///< rsync
    std::optional<Bytes> bandwidth;                                       ///< bytes per second
    bool plain = false;                  ///< no warning that secrets are unencrypted there
    bool mounted = false;                ///< directory: must be on a mounted file system of its own
    std::optional<Retention> retention;  ///< nullopt: the retention of staging

    bool operator==(const Remote&) const = default;
};

/// `recovery:`
struct Recovery {
    /// To whom `mastobak setup` encrypts recovery.age: a public key of age or ssh, or the absolute
    /// path of a file of such keys. Empty: there is no such file.
    std::string age_key;

    bool operator==(const Recovery&) const = default;
};

/// How often the daemon makes a drill: once in each day, week (from Monday) or month of local time,
/// with the first set of that period, when it is uploaded. The daemon tries again when a drill
/// cannot be made. never: only on request.
enum class DrillSchedule { never, daily, weekly, monthly };

/// `drill:` proves that a set can be restored.
struct Drill {
    DrillSchedule schedule = DrillSchedule::monthly;
    std::string from;         ///< place of the set, as `--from`; empty: the remote with the newest
                              ///< set, or else staging
    int media_sample = 1;     ///< percentage of the media files that are read
    int media_minimum = 200;  ///< the smallest number of media files that are read
    /// The period within which every byte in staging and at the remotes is read again; nullopt:
    /// never.
    std::optional<std::chrono::seconds> scrub_every = std::chrono::hours(90 * 24);
    /// The command that runs a Ruby script in Mastodon. "auto": `bin/rails runner -` of the
    /// checkout, if this host has one. "never": Mastodon is not started.
    std::vector<std::string> boot{"auto"};

    bool operator==(const Drill&) const = default;
};

/// `alerts:` the limits beyond which `mastobak status` reports the instance as unhealthy.
struct Alerts {
    std::chrono::hours stale_after{26};             ///< age of the last set
    std::chrono::hours offsite_stale_after{26};     ///< age of the oldest set that is not off-site
    std::chrono::hours drill_stale_after{40 * 24};  ///< time since a drill has proven a set

    bool operator==(const Alerts&) const = default;
};

/// `metrics:`
struct Metrics {
    /// The file for node_exporter's textfile collector; ends in ".prom". Empty: none is written.
    std::filesystem::path textfile;

    bool operator==(const Metrics&) const = default;
};

/// What is reported to a target of `notify:`.
enum class NotifyEvent {
    start,      ///< a run has begun
    success,    ///< a run has succeeded
    warnings,   ///< a run has succeeded, with warnings
    failure,    ///< a run has failed
    unhealthy,  ///< a person is needed: a reason is new, or one has lasted for another day
    recovery,   ///< all reasons are gone
    drill,      ///< a drill has ended, with any result
};
inline constexpr std::array notify_event_names{"start",     "success",  "warnings", "failure",
                                               "unhealthy", "recovery", "drill"};

enum class NotifyType { healthchecks, ping, mail, command };
inline constexpr std::array notify_type_names{"healthchecks", "ping", "mail", "command"};

/// One entry of `notify:`
struct NotifyTarget {
    std::string name;
    NotifyType type = NotifyType::mail;
    /// Default: for healthchecks and ping, what a dead man's switch needs; for mail and command,
    /// `unhealthy` and `recovery`.
    std::vector<NotifyEvent> on;
    std::optional<http::Url> url;        ///< healthchecks, ping; a secret
    std::filesystem::path url_file{};    ///< a file with the URL, instead of `url`
    std::optional<std::string> proxy{};  ///< a secret; empty: none; nullopt: of the environment
    bool log = false;                    ///< healthchecks: send the last log lines of the run
    std::string to{};                    ///< mail
    std::string from{};                  ///< mail; empty: sendmail chooses
    std::vector<std::string> sendmail{"/usr/sbin/sendmail", "-t", "-oi"};  ///< mail
    std::vector<std::string> command{};                                    ///< command

    bool operator==(const NotifyTarget&) const = default;
};

enum class HookFailure { stop, warn };

/// One entry of `hooks:`, a program that is run at a certain time.
struct Hook {
    std::vector<std::string> command{};  ///< empty: none
    std::chrono::seconds timeout{300};
    HookFailure on_failure = HookFailure::warn;  ///< stop: the run fails

    bool operator==(const Hook&) const = default;
};

/// `hooks:`
struct Hooks {
    Hook before_run{.on_failure = HookFailure::stop};
    Hook after_run{};      ///< after every run, also after one that failed
    Hook after_failure{};  ///< after a run that failed, before `after_run`
    Hook before_freeze{.timeout = std::chrono::seconds(10), .on_failure = HookFailure::stop};
    Hook after_freeze{.timeout = std::chrono::seconds(10)};

    bool operator==(const Hooks&) const = default;
};

struct Config {
    Config() = default;
    /// The defaults of an instance.
    explicit Config(Instance of);

    Instance instance{};           ///< the directories below are those of this instance by default
    std::filesystem::path source;  ///< the file it was read from
    Mastodon mastodon;
    Database database;
    Media media;
    Files files;
    Consistency consistency;
    Staging staging;
    Retention retention;
    Schedule schedule;
    std::vector<Remote> offsite;
    Recovery recovery;
    Drill drill;
    Alerts alerts;
    std::vector<NotifyTarget> notify;
    Hooks hooks;
    Metrics metrics;
    bool report = false;  ///< keep report.html in the state directory
    std::filesystem::path state_directory = Instance().state_directory();
    std::filesystem::path runtime_directory = Instance().runtime_directory();

    bool operator==(const Config&) const = default;
};

}  // namespace mastobak::config
