// SPDX-License-Identifier: GPL-3.0-or-later
// Hooks around the freeze of a run.

#include <algorithm>

#include "core/files/files.hpp"
#include "night.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
using test::Night;
using Mode = config::ConsistencyMode;

namespace {

/// A night whose hooks write their names into a file. The hook that is named in the file `fails`
/// fails; the one in `hangs` does not end.
struct HookedNight : Night {
    HookedNight() {
        write_file(directory / "hook",
                   "#!/bin/sh\ncd \"${0%/*}\"\necho $MASTOBAK_EVENT >> hooks\n"
                   "[ $MASTOBAK_EVENT != \"$(cat hangs 2>/dev/null)\" ] || exec sleep 1000\n"
                   "[ $MASTOBAK_EVENT != \"$(cat fails 2>/dev/null)\" ] || "
                   "{ echo no disk >&2; exit 7; }\n",
                   0755);
        for (auto* hook : {&config.hooks.before_freeze, &config.hooks.after_freeze})
            hook->command = {directory / "hook"};
        units.before = [this](const std::string& call) {
            if (call.starts_with("start") || call.starts_with("stop"))
                ran_at_unit_calls.push_back(ran());
        };
    }
    void let_fail(const std::string& hook) const { write_file(directory / "fails", hook); }
    void let_hang(const std::string& hook) const { write_file(directory / "hangs", hook); }
    /// Returns the hooks that were run, one on each line.
    std::string ran() const {
        const auto file = directory / "hooks";
        return std::filesystem::exists(file) ? test::read(file) : std::string();
    }

    /// The hooks that were run before each call that stops or starts a unit.
    std::vector<std::string> ran_at_unit_calls{};
};

constexpr auto both = "before_freeze\nafter_freeze\n";

}  // namespace

TEST_CASE("the hooks of the freeze are run while Mastodon runs") {
    HookedNight night;
    for (const auto mode : {Mode::quiesce, Mode::offline}) {
        night.config.consistency.mode = mode;
        std::filesystem::remove(night.directory / "hooks");
        night.ran_at_unit_calls.clear();
        night.run();
        CHECK(night.ran() == both);
        REQUIRE(night.ran_at_unit_calls.size() >= 4);
        for (const auto& ran : night.ran_at_unit_calls) CHECK(ran == "before_freeze\n");
    }
    night.config.consistency.mode = Mode::live;
    std::filesystem::remove(night.directory / "hooks");
    night.run();
    CHECK(night.ran() == both);
}

TEST_CASE("a hook before the freeze can stop the run before Mastodon is stopped") {
    HookedNight night;
    night.let_fail("before_freeze");
    const auto error = night.fails();
    CHECK(error.code() == Errc::environment);
    CHECK(error.text().find("the hook before_freeze") == 0);
    CHECK(error.text().find("exit status 7: no disk") != std::string::npos);
    CHECK(night.ran_at_unit_calls.empty());
    CHECK(night.ran() == both);
    CHECK(night.sets().empty());

    night.config.hooks.before_freeze.on_failure = config::HookFailure::warn;
    const auto result = night.run();
    REQUIRE(result.manifest.warnings.size() == 1);
    CHECK(result.manifest.warnings[0].find("no disk, ignoring") != std::string::npos);
}

TEST_CASE("a hook that hangs is ended, and one after the freeze cannot fail the run") {
    HookedNight night;
    night.config.hooks.before_freeze.timeout = 1s;
    night.config.hooks.after_freeze.timeout = 1s;
    night.let_hang("before_freeze");
    CHECK(night.fails().text().find("no end within its time limit") != std::string::npos);
    CHECK(night.ran_at_unit_calls.empty());
    night.let_hang("after_freeze");
    const auto result = night.run();
    CHECK(night.mastodon_runs());
    REQUIRE(result.manifest.warnings.size() == 1);
    CHECK(result.manifest.warnings[0].find("after_freeze") != std::string::npos);
    CHECK(night.sets().size() == 1);
}

TEST_CASE("the hook after the freeze is run after a failure and a cancellation, too") {
    HookedNight night;
    SECTION("a failure in the freeze") {
        night.observer.on_step = [](const std::string& step) {
            if (step == "snapshot") throw Error(Errc::database, "gone");
        };
        CHECK(night.fails().text() == "gone");
    }
    SECTION("a cancellation in the freeze") {
        night.observer.on_step = [&](const std::string& step) {
            if (step == "snapshot") night.cancel();
        };
        CHECK(night.fails().code() == Errc::cancelled);
    }
    SECTION("a cancellation while the hook before the freeze runs") {
        night.let_hang("before_freeze");
        night.observer.on_step = [&](const std::string& step) {
            if (step == "before_freeze") night.cancel_from_elsewhere();
        };
        CHECK(night.fails().code() == Errc::cancelled);
        CHECK(night.ran_at_unit_calls.empty());
    }
    SECTION("a cancellation while the hook after the freeze runs") {
        night.observer.on_step = [&](const std::string& step) {
            if (step == "after_freeze") night.cancel();
        };
        CHECK(night.fails().code() == Errc::cancelled);
    }
    CHECK(night.ran().find("after_freeze\n") != std::string::npos);
    CHECK(night.mastodon_runs());
    CHECK(night.leftovers().empty());
}
