// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "async/run_sync.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_units.hpp"
#include "support/temporary_directory.hpp"
#include "units/stopped_units.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

TEST_CASE("sidekiq goes down last and comes up first, in whatever order units are configured") {
    const std::string web = "mastodon-web.service", sidekiq = "mastodon-sidekiq.service",
                      streaming = "mastodon-streaming.service";
    Names patterns{web, "mastodon-sidekiq*.service", "mastodon-streaming*.service"};
    std::sort(patterns.begin(), patterns.end());
    do {
        const TemporaryDirectory directory;
        FakeClock clock;
        FakeUnitControl systemd;
        for (const auto& name : {web, sidekiq, streaming}) systemd.units[name] = {};
        units::StoppedUnits stopped(
            systemd, units::Record(directory / "stopped-units"),
            {.patterns = patterns, .start_timeout = 5s, .start_attempts = 2, .retry_pause = 1ms},
            clock);
        async::run_sync(stopped.stop());
        async::run_sync(stopped.start());
        Names calls;
        std::copy_if(systemd.calls.begin(), systemd.calls.end(), std::back_inserter(calls),
                     [](const auto& call) {
                         return call.starts_with("stop ") || call.starts_with("start ");
                     });
        REQUIRE(calls.size() == 6);
        CHECK(calls[2] == "stop " + sidekiq);
        CHECK(calls[3] == "start " + sidekiq);
    } while (std::next_permutation(patterns.begin(), patterns.end()));
}

TEST_CASE("a socket goes down before the service that it starts, and comes up before it, too") {
    const std::string web = "mastodon-web.service", socket = "mastodon-web.socket";
    const TemporaryDirectory directory;
    FakeClock clock;
    FakeUnitControl systemd;
    for (const auto& name : {web, socket}) systemd.units[name] = {};
    const bool confirmed = GENERATE(true, false);
    {
        units::StoppedUnits stopped(systemd, units::Record(directory / "stopped-units"),
                                    {.patterns = {web, socket},
                                     .start_timeout = 5s,
                                     .start_attempts = 2,
                                     .retry_pause = 1ms},
                                    clock);
        async::run_sync(stopped.stop());
        if (confirmed) async::run_sync(stopped.start());
    }
    Names calls;
    for (const auto& call : systemd.calls)
        if (call.ends_with(web) || call.ends_with(socket)) calls.push_back(call);
    const std::string start = confirmed ? "start " : "start_no_reply ";
    CHECK(calls == Names{"stop " + socket, "stop " + web, start + socket, start + web});
}
