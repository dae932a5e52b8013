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
