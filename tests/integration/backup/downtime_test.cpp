// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <map>

#include "night.hpp"
#include "postgres/connection.hpp"
#include "support/catch.hpp"
#include "support/http_answers.hpp"

using namespace mastobak;
using test::Night;
using namespace std::chrono_literals;
using Mode = config::ConsistencyMode;
namespace fs = std::filesystem;

namespace {

constexpr auto sidekiq = "mastodon-sidekiq.service";
constexpr auto title = "sidekiq 7.3.9 live [0 of 25 busy]";

}  // namespace

TEST_CASE("sidekiq is quiet before the first unit is stopped, and takes jobs again afterwards") {
    Night night;
    night.config.consistency.mode = GENERATE(Mode::quiesce, Mode::offline);
    const auto result = night.run();
    const auto& calls = night.units.calls;
    REQUIRE_FALSE(calls.empty());
    CHECK(calls.front() == "kill mastodon-sidekiq.service SIGTSTP");
    CHECK(night.units.units[sidekiq].processes == std::vector<std::string>{title});
    CHECK(result.manifest.warnings.empty());
}

TEST_CASE("the manifest says what the downtime went to") {
    Night night;
    const auto manifest = night.run().manifest;
    std::vector<std::string> names;
    std::chrono::nanoseconds sum{0};
    for (const auto& part : manifest.downtime_parts) {
        names.push_back(part.name);
        sum += part.took;
    }
    CHECK(names == std::vector<std::string>{"stop", "snapshot", "compare", "media", "look", "start",
                                            "health"});
    CHECK(sum <= manifest.downtime + 100ms);
    CHECK(manifest.freeze > 0ns);
    CHECK(manifest.freeze < manifest.downtime);
    CHECK(manifest.units.size() == 3);
}

TEST_CASE("a server that hangs in the freeze keeps Mastodon down for max_downtime, not longer") {
    Night night;
    night.config.consistency.max_downtime = 1s;
    const auto& server = test::PostgresServer::shared();
    night.observer.on_step = [&](const std::string& step) {
        if (step == "snapshot") server.hangs();
    };
    const auto error = night.fails();
    server.goes_on();
    CHECK(error.code() == Errc::units);
    CHECK(error.text().find("Mastodon was stopped for 1") != std::string::npos);
    CHECK(night.mastodon_runs());
    CHECK(night.sets().empty());
    night.observer.on_step = nullptr;
    night.run();
    CHECK(night.leftovers().empty());
}

TEST_CASE("others that write to the database during the freeze make the set inconsistent") {
    Night night;
    postgres::Connection admin({.host = test::PostgresServer::shared().socket_directory(),
                                .database = "mastodon_night",
                                .user = "postgres"});
    night.observer.on_step = [&](const std::string& step) {
        if (step == "media") admin.query("UPDATE public.accounts SET username = 'x' WHERE id = 1");
    };
    const auto result = night.run();
    CHECK_FALSE(result.manifest.consistent);
    CHECK(night.observer.said("other clients wrote to the database while the units were stopped"));
}

TEST_CASE("a unit that is started in the freeze, and is gone again, makes the set inconsistent") {
    Night night;
    const auto started = GENERATE("activating", "inactive", "active");
    const auto now = std::chrono::steady_clock::now;
    night.observer.on_step = [&](const std::string& step) {
        if (step != "media") return;
        using std::chrono::microseconds;
        const auto since = std::chrono::ceil<microseconds>(now().time_since_epoch());
        night.units.units[sidekiq].properties["InactiveExitTimestampMonotonic"] =
            std::to_string(since.count());
        night.units.units[sidekiq].state = started;
    };
    const auto result = night.run();
    CHECK_FALSE(result.manifest.consistent);
    CHECK(night.observer.said("'mastodon-sidekiq.service' was started while the backup was taken"));
}

TEST_CASE("a client that writes in the freeze and leaves makes the set inconsistent") {
    Night night;
    night.observer.on_step = [&](const std::string& step) {
        if (step == "media") night.sql("UPDATE accounts SET username = 'x' WHERE id = 1");
    };
    CHECK_FALSE(night.run().manifest.consistent);
    CHECK(night.observer.said("a client that has left since"));
}

TEST_CASE("the maintenance page is up from the first stop until the last start") {
    Night night;
    const auto file = night.directory / "maintenance";
    night.config.consistency.maintenance_file = file;
    night.units.before = [&](const std::string& call) {
        CAPTURE(call);
        CHECK(fs::exists(file) == !call.starts_with("kill"));
    };
    SECTION("of a run that succeeds") {
        night.run();
    }
    SECTION("of one that fails") {
        night.observer.on_step = [](const std::string& step) {
            if (step == "snapshot") throw Error(Errc::database, "gone");
        };
        night.fails();
    }
    CHECK(night.mastodon_runs());
    CHECK_FALSE(fs::exists(file));
}

TEST_CASE("a health URL that never answers is critical, and the set is published nevertheless") {
    Night night;
    night.config.mastodon.start_timeout = 1s;
    night.config.mastodon.health_url = http::Url::parse("http://127.0.0.1:1/health");
    const auto result = night.run();
    CHECK(night.sets().size() == 1);
    REQUIRE(night.observer.critical.size() == 1);
    CHECK(night.observer.critical.front().find("does not answer") != std::string::npos);
    CHECK(result.manifest.downtime >= 1s);
}

TEST_CASE("downtime ends when web and streaming answer, each for its own units") {
    Night night;
    test::HttpAnswers web({test::http_unavailable, test::http_ok});
    // Asked at most every 50 ms.
    std::vector<std::string> late(8, test::http_unavailable);
    late.emplace_back(test::http_ok);
    test::HttpAnswers streaming(late);
    const auto url = [](const test::HttpAnswers& server) {
        return http::Url::parse("http://127.0.0.1:" + std::to_string(server.port()) + "/");
    };
    night.config.mastodon.health_url = url(web);
    night.config.mastodon.streaming_health_url = url(streaming);
    const auto manifest = night.run().manifest;
    std::map<std::string, std::chrono::nanoseconds> down;
    for (const auto& unit : manifest.units) down[unit.name] = unit.down;
    CHECK(down["mastodon-streaming.service"] >= 400ms);
    CHECK(down["mastodon-web.service"] >= 50ms);
    CHECK(down["mastodon-web.service"] < down["mastodon-streaming.service"]);
    CHECK(manifest.downtime >= down["mastodon-streaming.service"]);
    CHECK(web.asked().size() == 2);
    CHECK(streaming.asked().size() == 9);
    CHECK(night.observer.critical.empty());
}

TEST_CASE("URLs that take the question and never answer end the waiting at start_timeout") {
    Night night;
    night.config.mastodon.start_timeout = 1s;
    test::HttpAnswers server({test::http_silence, test::http_silence});
    night.config.mastodon.health_url =
        http::Url::parse("http://127.0.0.1:" + std::to_string(server.port()) + "/");
    night.config.mastodon.streaming_health_url = night.config.mastodon.health_url;
    const auto result = night.run();
    CHECK(night.observer.critical.size() == 2);
    CHECK(result.manifest.downtime >= 1s);
    CHECK(result.manifest.downtime < 10s);
}
