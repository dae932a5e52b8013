// SPDX-License-Identifier: GPL-3.0-or-later
//
// tests/soak runs this test for longer.
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "night_host.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak::test;
using Steady = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

namespace {

int number(const char* variable, int otherwise) {
    const auto* value = std::getenv(variable);
    return value ? std::atoi(value) : otherwise;
}

std::string daemon_process(const NightHost& host) {
    return host.sh("systemctl show -P MainPID mastobak");
}

/// Waits for the daemon that systemd starts after the killed one, whose process may take seconds to
/// end on a busy machine.
bool another_daemon_runs(const NightHost& host, const std::string& killed) {
    return eventually(
        [&] {
            return daemon_process(host) != killed &&
                   host.exec({"systemctl", "is-active", "-q", "mastobak"}).ok();
        },
        std::chrono::seconds(60));
}

void check_night(const NightHost& host) {
    const auto before = host.sets().size();
    const auto run = host.exec({"bash", "-c", host.mastobak("run")});
    INFO(run.error_tail);
    INFO((run.ok() ? "" : host.sh("journalctl --no-pager -n 60 -u mastobak")));
    CHECK(run.ok());
    CHECK(host.sets().size() == before + 1);
    CHECK(host.leftovers().empty());
}

}  // namespace

TEST_CASE("a daemon that is killed again and again at random times never leaves Mastodon down",
          "[soak]") {
    const int kills = number("MASTOBAK_SOAK_KILLS", 5);
    const auto seed = static_cast<unsigned>(number("MASTOBAK_SOAK_SEED", 1));
    std::mt19937 random(seed);
    NightHost host;
    // All sets of this test are made on one day, and retention must not remove them.
    host.configure("retention: {keep_within: 1 d}");
    host.start_daemon();
    const auto begun = Steady::now();
    check_night(host);
    const Seconds night = Steady::now() - begun;
    std::uniform_real_distribution<double> when(0, 1.1 * night.count());
    for (int kill = 0; kill < kills; ++kill) {
        const Seconds after(when(random));
        CAPTURE(seed, kill, after.count(), night.count());
        const auto before = host.sets();
        host.sh("{ " + host.mastobak("run") + " & } >/run/run.log 2>&1");
        std::this_thread::sleep_for(after);
        const auto killed = daemon_process(host);
        host.sh("systemctl kill --signal=KILL --kill-whom=main mastobak");
        CHECK(host.mastodon_runs());
        const auto sets = host.sets();
        REQUIRE(sets.size() >= before.size());
        CHECK(std::equal(before.begin(), before.end(), sets.begin()));
        CHECK(host.damage().empty());
        REQUIRE(another_daemon_runs(host, killed));
        if (kill % 10 == 9) check_night(host);
    }
    check_night(host);
    CHECK(host.mastodon_runs());
    CHECK(host.damage(1000).empty());
}
