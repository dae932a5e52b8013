// SPDX-License-Identifier: GPL-3.0-or-later
//
// The disk of staging hangs while Mastodon is stopped. Mastodon must run again before the disk
// does.
#include "support/hanging_disk.hpp"

#include <atomic>
#include <thread>

#include "night.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using test::HangingDisk;
using test::Night;
using namespace std::chrono_literals;

TEST_CASE("a disk that hangs keeps Mastodon down for max_downtime, or until a person cancels") {
    Night night;
    const HangingDisk disk(night.config.staging.path);
    // Mode `offline` has no time limit, but can be cancelled.
    const auto [mode, cancelled] = GENERATE(std::pair{config::ConsistencyMode::quiesce, true},
                                            std::pair{config::ConsistencyMode::quiesce, false},
                                            std::pair{config::ConsistencyMode::offline, true});
    night.config.consistency.mode = mode;
    night.config.consistency.max_downtime = cancelled ? 60s : 1s;
    const auto before = night.sets();
    std::atomic<bool> over = false, too_late = false;
    bool ran_before_the_disk = false;
    std::jthread other;
    night.observer.on_step = [&, cancelled = cancelled](const std::string& step) {
        if (step != "media") return;
        night.add_media("accounts/avatars/7/original/new.png", "new");
        disk.hang();
        other = std::jthread([&, cancelled] {
            if (cancelled) night.cancel_from_elsewhere();
            // If the run waits for its disk, the test fails instead of hanging.
            too_late = !test::eventually([&] { return over.load(); }, 15s);
            if (too_late) disk.go_on();
        });
    };
    night.observer.on_message = [&](const std::string& text) {
        if (!text.starts_with("units=3 running again")) return;
        ran_before_the_disk = night.mastodon_runs() && !too_late;
        over = true;
        disk.go_on();
    };
    const auto error = night.fails();
    over = true;
    if (other.joinable()) other.join();
    CHECK(ran_before_the_disk);
    CHECK(night.observer.said("a disk or a server hangs"));
    CHECK(error.code() == (cancelled ? Errc::cancelled : Errc::units));
    CHECK(night.sets() == before);
    CHECK(night.leftovers().empty());
    night.observer.on_step = nullptr;
    night.observer.on_message = nullptr;
    night.run();
    CHECK(night.damage().empty());
}
