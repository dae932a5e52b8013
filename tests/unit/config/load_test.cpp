// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/load.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "problems.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using config::load_text;

namespace {

config::Config good(const std::string& text) {
    const auto loaded = load_text(text, "m.yaml");
    CHECK(problems(text) == "");
    return loaded.config;
}

}  // namespace

TEST_CASE("an empty file is a configuration of defaults") {
    auto defaults = config::Config();
    defaults.source = "m.yaml";
    CHECK(good("") == defaults);
    CHECK(good("# nothing but a comment\n") == defaults);
    CHECK(good("media:\n  # all commented out\nfiles:\n") == defaults);
}

TEST_CASE("an instance has directories of its own, unless its file names others") {
    const Instance fedi("fedi");
    const auto config = load_text("", "m.yaml", fedi).config;
    CHECK(config.instance == fedi);
    CHECK(config.state_directory == "/var/lib/mastobak@fedi");
    CHECK(config.staging.path == "/var/lib/mastobak@fedi/staging");
    CHECK(config.runtime_directory == "/run/mastobak@fedi");
    CHECK(load_text("staging: {path: /srv/s}", "m.yaml", fedi).config.staging.path == "/srv/s");
    CHECK(config::load("/nonexistent", fedi).config.state_directory == config.state_directory);
    for (const auto* pattern : {"mastobak.service", "mastobak@*.service", "mastob*"})
        CHECK(has(problems("mastodon: {units: ['" + std::string(pattern) + "']}"),
                  "it matches the unit of mastobak"));
}

TEST_CASE("values of all kinds are read") {
    const auto config = good(R"(
mastodon: { units: [mastodon-web.service], stop_timeout: 90 s, start_timeout: 1 h }
database: { host: 10.0.0.7, port: 6543, compression_level: 19 }
media: { scope: all, pack_size: 512 MiB, full_walk: 0 }
files: { nginx: [], extra: [/etc/pgbouncer], allow_missing_secrets: yes }
staging: { path: /srv/staging, min_free: 0, max_size: 20 GiB, keep_packs: true }
retention: { daily: 0, minimum: 1, keep_within: 14 d }
schedule: { daily_at: 4:05, random_delay: 1 h 30 min, enabled: false }
alerts: { stale_after: 3 d }
)");
    CHECK(config.mastodon.units == std::vector<std::string>{"mastodon-web.service"});
    CHECK(config.mastodon.stop_timeout == 90s);
    CHECK(config.database.host == "10.0.0.7");
    CHECK(config.database.port == 6543);
    CHECK(config.media.scope == config::MediaScope::all);
    CHECK(config.media.pack_size == Bytes{std::uint64_t{512} << 20});
    CHECK(config.media.full_walk == std::chrono::seconds(0));
    CHECK(config.files.nginx.empty());
    CHECK(config.files.allow_missing_secrets);
    CHECK(config.staging.min_free == Bytes{0});
    CHECK(config.staging.max_size == Bytes{std::uint64_t{20} << 30});
    CHECK(config.retention.daily == 0);
    CHECK(config.retention.weekly == 4);
    CHECK(config.retention.keep_within == 14 * 24h);
    CHECK(config.schedule.daily_at == 4h + 5min);
    CHECK(config.schedule.random_delay == 90min);
    CHECK(config.alerts.stale_after == 72h);
}

TEST_CASE("consistency is a word or a mapping") {
    CHECK(good("consistency: live").consistency.mode == config::ConsistencyMode::live);
    const auto config = good("consistency:\n  mode: offline\n  max_downtime: 20 min\n");
    CHECK(config.consistency.mode == config::ConsistencyMode::offline);
    CHECK(config.consistency.max_downtime == 20min);
    CHECK(problems("consistency: ofline") ==
          "m.yaml:1: 'consistency': 'ofline' is not one of quiesce, offline, live; hint: did you "
          "mean 'offline'?\n");
    CHECK(has(problems("consistency: [live]"), "has to be a single value"));
}

TEST_CASE("a health URL is a URL of HTTP or HTTPS without a login") {
    const auto url = [](const std::string& text) {
        return good("mastodon: {health_url: \"" + text + "\"}").mastodon.health_url->secret();
    };
    CHECK(url("http://127.0.0.1:3000/health") == "http://127.0.0.1:3000/health");
    CHECK(url("http://localhost") == "http://localhost/");
    CHECK(url("http://[::1]:4000/a?b=c") == "http://[::1]:4000/a?b=c");
    CHECK(url("https://social.example/health") == "https://social.example/health");
    for (const auto* wrong :
         {"localhost:3000", "http://", "http://:80/", "http://a:0/", "http://a:99999/",
          "http://a:x/", "http://u@a/", "http://a/b c", "ftp://a/", "file:///etc/passwd"})
        CHECK(has(problems(std::string("mastodon: {health_url: \"") + wrong + "\"}"),
                  "is not a URL like"));
}

TEST_CASE("all problems are told at once, in order, with file and line") {
    const auto text = problems("medai:\n  path: x\nmedia:\n  pth: /x\n  scope: some\nbogus: 1\n");
    CHECK(text ==
          "m.yaml:1: unknown key 'medai'; hint: did you mean 'media'?\n"
          "m.yaml:4: unknown key 'media.pth'; hint: did you mean 'path'?\n"
          "m.yaml:5: 'media.scope': 'some' is not one of local, all\n"
          "m.yaml:6: unknown key 'bogus'; hint: known here: mastodon, database, media, files, "
          "consistency, staging, retention, schedule, offsite, recovery, drill, alerts, "
          "notify, hooks, report, metrics, state_directory, runtime_directory\n");
}

TEST_CASE("a key in the wrong section is told its place") {
    CHECK(has(problems("pack_size: 1 GiB"), "hint: it belongs below 'media:'"));
}

TEST_CASE("numbers without a unit are refused with what would be right") {
    CHECK(problems("database:\n  lock_timeout: 60\n") ==
          "m.yaml:2: 'database.lock_timeout': '60' is not a duration; hint: it needs a unit: "
          "'60 s', '60 min'\n");
    CHECK(has(problems("media: {pack_size: 1024}"), "hint: it needs a unit: '1024 MiB'"));
    CHECK(has(problems("media: {pack_size: big}"), "sizes are like"));
    CHECK(has(problems("database: {lock_timeout: 5 parsec}"), "durations are like"));
    CHECK(has(problems("database: {lock_timeout: 99999999999999999999 s}"), "not a duration"));
    CHECK(problems("schedule: {random_delay: 0}").empty());
}

TEST_CASE("values out of range say the range") {
    CHECK(has(problems("database: {compression_level: 20}"), "a whole number from 1 to 19"));
    CHECK(has(problems("database: {compression_level: 3.5}"), "a whole number from 1 to 19"));
    CHECK(has(problems("database: {port: 70000}"), "from 1 to 65535"));
    CHECK(has(problems("mastodon: {stop_timeout: 0}"), "from 1.0 s to 1 h"));
    CHECK(has(problems("media: {pack_size: 1 kB}"), "at least 1.0 MiB"));
    CHECK(has(problems("alerts: {stale_after: 90 min}"), "a multiple of"));
    CHECK(has(problems("files: {allow_missing_secrets: maybe}"), "true or false"));
}

TEST_CASE("times of day are those of a clock") {
    CHECK(good("schedule: {daily_at: \"00:00\"}").schedule.daily_at == 0min);
    CHECK(good("schedule: {daily_at: 23:59}").schedule.daily_at == 23h + 59min);
    CHECK(has(problems("schedule: {daily_at: \"24:00\"}"), "midnight is '00:00'"));
    for (const auto* wrong : {"3", "3:0", "03:60", "25:00", "3am", "-1:00", "03:00:00"}) {
        CAPTURE(wrong);
        CHECK(has(problems(std::string("schedule: {daily_at: '") + wrong + "'}"),
                  "is not a time of day"));
    }
}

TEST_CASE("values of the wrong shape are refused") {
    CHECK(has(problems("media: local"), "'media' is a single value, but has to be a mapping"));
    CHECK(has(problems("- media"), "the file is a list"));
    CHECK(has(problems("mastodon: {units: mastodon-web.service}"), "has to be a list"));
    CHECK(has(problems("mastodon: {units: []}"), "the list 'mastodon.units' is empty"));
    CHECK(good("mastodon: {units: []}\nconsistency: live").mastodon.units.empty());
    CHECK(has(problems("media: {path: }"), "'media.path' has no value"));
    CHECK(has(problems("media: {path: ''}"), "'media.path' is empty"));
    CHECK(has(problems("media: {path: \"/a\\0b\"}"), "control character"));
    CHECK(has(problems("staging: {path: staging}"), "is not an absolute path"));
    CHECK(
        has(problems("staging: {path: ~/staging}"), "write the whole path of the home directory"));
}

TEST_CASE("units that would stop more than Mastodon are refused") {
    CHECK(has(problems("mastodon: {units: ['*']}"), "matches only Mastodon's units"));
    CHECK(has(problems("mastodon: {units: ['masto*']}"), "would stop itself"));
    CHECK(has(problems("mastodon: {units: [mastodon-web]}"), "'mastodon-web.service'?"));
    CHECK(problems("mastodon: {units: ['mastodon-*.service', puma.service]}").empty());
}

TEST_CASE("text that is not YAML, or uses anchors and tags, is a problem with its line") {
    CHECK(has(problems("media:\n  path: /x\n bad"), "m.yaml:"));
    CHECK(has(problems("media: {path: *x}"), "m.yaml:1:"));
    CHECK(has(problems("media:\n  scope: &s all\n  path: *s\n"), "m.yaml:2: an anchor"));
    CHECK(
        has(problems("media:\n  scope: all\n  scope: local\n"), "m.yaml:3: 'scope' occurs twice"));
    CHECK(has(problems("media:\n---\nmedia:\n"), "a second document"));
    CHECK(has(problems("{[a]: b}"), "a list cannot be a key"));
    CHECK(has(problems(std::string(5000, '[')), "not valid YAML"));
}

TEST_CASE("suspicious combinations are refused") {
    CHECK(has(problems("media:\n  elsewhere: true\n  path: /m\n"), "m.yaml:2: 'media.elsewhere'"));
    CHECK(has(problems("media: {path: /srv/media}\nstaging:\n  path: /srv/media/backup\n"),
              "m.yaml:3: the staging directory '/srv/media/backup' and the media"));
    CHECK(has(problems("mastodon: {directory: /m}\nstaging: {path: /m/public/system/x/}\n"),
              "overlap"));
    CHECK(has(problems("media: {path: /var/lib/mastobak}"), "overlap"));
    CHECK(has(problems("staging: {path: /var/lib}"), "the state directory"));
    CHECK(has(problems("alerts: {stale_after: 12 h}"), "shorter than the day"));
    CHECK(has(problems("staging: {max_size: 1 GiB}"), "no room for two packs"));
    CHECK(has(problems("metrics: {textfile: /srv/mastobak.txt}"), "does not end in '.prom'"));
    CHECK(has(problems("staging: {keep_packs: false}"), "needs a remote that has the packs"));
    CHECK(has(problems("retention: {minimum: 0}"), "'retention.minimum'"));
    CHECK(has(problems("consistency: {maintenance_file: /var/www/maintenance}"),
              "'/var/www/maintenance' would be there after a power cut"));
    CHECK(problems("consistency: {maintenance_file: /var/run/x}").empty());
    CHECK(problems("media: {path: /srv/media}\nstaging: {path: /srv/media-backup}\n").empty());
}

TEST_CASE("a file that cannot be read is a problem, too") {
    const auto loaded = config::load("/nonexistent/mastobak.yaml");
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].line == 0);
    CHECK(has(loaded.problems[0].to_string(), "/nonexistent/mastobak.yaml: cannot open"));

    const test::TemporaryDirectory directory;
    CHECK(config::load(directory.path()).problems.size() == 1);
}

TEST_CASE("a scrub has a period, or is off") {
    const auto scrub_every = [](const std::string& value) {
        return config::load_text("drill:\n  scrub_every: " + value + "\n", "x");
    };
    CHECK(scrub_every("30 d").config.drill.scrub_every == std::chrono::hours(720));
    CHECK_FALSE(scrub_every("never").config.drill.scrub_every);
    CHECK(config::Config().drill.scrub_every == std::chrono::hours(2160));
    for (const auto* wrong : {"Never", "30", "1 min", "-1 d", "[30 d]"}) {
        CAPTURE(wrong);
        CHECK(scrub_every(wrong).problems.size() == 1);
    }
}

TEST_CASE("the key of the recovery file is a public one, and a private one is not shown") {
    const auto load = [](const std::string& key) {
        return config::load_text("recovery:\n  age_key: " + key + "\n", "x");
    };
    for (const auto* good : {"age1abc", "ssh-ed25519 AAAA me@host", "/etc/mastobak/keys.txt"})
        CHECK(load(good).config.recovery.age_key == good);
    for (const auto* wrong : {"abc", "keys.txt", "''", "[age1abc]"})
        CHECK(load(wrong).problems.size() == 1);
    const auto secret = load("AGE-SECRET-KEY-1QQQ");
    REQUIRE(secret.problems.size() == 1);
    CHECK(secret.problems[0].to_string().find("private key") != std::string::npos);
    CHECK(secret.problems[0].to_string().find("1QQQ") == std::string::npos);
    CHECK(secret.config.recovery.age_key.empty());
}

TEST_CASE("a project of Docker Compose takes the place of the default units") {
    const auto units = [](const std::string& text) { return good(text).mastodon.units; };
    using Names = std::vector<std::string>;
    CHECK(units("mastodon: {compose: {project: mastodon}}") ==
          Names{"mastodon/web/*.container", "mastodon/streaming/*.container",
                "mastodon/sidekiq*/*.container"});
    CHECK(
        units("mastodon:\n  units: [mastodon-streaming.service]\n"
              "  compose: {project: m, services: {web: [puma], streaming: [], sidekiq: [jobs]}}") ==
        Names{"mastodon-streaming.service", "m/puma/*.container", "m/jobs/*.container"});
    CHECK(units("mastodon: {compose: {services: {web: [web]}}}").front() == "mastodon-web.service");
}

TEST_CASE("names of projects and services are checked") {
    const auto in = [](const std::string& compose) {
        return problems("mastodon: {compose: " + compose + "}");
    };
    CHECK(has(in("{project: Mastodon}"), "'Mastodon' is not the name of a project"));
    CHECK(has(in("{project: ../x}"), "'../x' is not the name of a project"));
    CHECK(has(in("{project: m, services: {web: ['*']}}"),
              "'*' is not a pattern that matches only Mastodon's services"));
    CHECK(has(in("{project: m, services: {web: [a/b]}}"), "'a/b' is not the name of a service"));
    CHECK(has(in("{project: m, socket: docker.sock}"), "docker.sock"));
    CHECK(has(in("{services: {web: [puma]}}"), "'mastodon.compose' lacks 'project'"));
}

TEST_CASE("pg_dump may be told to run in a container of the project") {
    CHECK(good("").database.dump_service() == "db");
    const auto config =
        good("mastodon: {compose: {project: mastodon}}\ndatabase: {dump_in: postgres}");
    CHECK(config.database.dump_service() == "postgres");
    CHECK(has(problems("database: {dump_in: db}"),
              "'database.dump_in' names a service, but there is no project"));
    const auto in = [](const std::string& service) {
        return problems("mastodon: {compose: {project: m}}\ndatabase: {dump_in: '" + service +
                        "'}");
    };
    CHECK(has(in("d*"), "'d*' is not the name of one service"));
    CHECK(has(in("a/b"), "'a/b' is not the name of a service"));
}
