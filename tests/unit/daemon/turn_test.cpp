// SPDX-License-Identifier: GPL-3.0-or-later
// The runs of several instances, one after the other.
#include "daemon/jobs/turn.hpp"

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <vector>

#include "async/job.hpp"
#include "core/error.hpp"
#include "core/files/lock_file.hpp"
#include "support/catch.hpp"
#include "support/run_on.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

struct Listener final : backup::Observer {
    void step(std::string_view name) override { steps.emplace_back(name); }
    void progress(double, std::string_view text) override { detail = text; }
    void message(backup::Severity, std::string_view text) override { messages.emplace_back(text); }

    std::vector<std::string> steps, messages;
    std::string detail;
};

async::Task<> take_turn(TurnFiles files, backup::Observer& observer, std::stop_token stop,
                        std::optional<UniqueFd>& turn) {
    turn = co_await wait_for_turn(std::move(files), observer, std::move(stop));
}

struct Turns {
    async::Job<> start() {
        return async::Job<>(loop.get_executor(),
                            take_turn({file, own}, listener, stop.get_token(), turn));
    }

    test::TemporaryDirectory directory;
    std::filesystem::path file = directory / "host.lock", own = directory / "run.lock";
    boost::asio::io_context loop{1};
    Listener listener;
    std::stop_source stop;
    std::optional<UniqueFd> turn;
};

}  // namespace

TEST_CASE_METHOD(Turns, "a run whose turn it is does not wait and says nothing") {
    const auto job = start();
    REQUIRE(test::turn_until(loop, [&] { return !job.running(); }));
    job.rethrow();
    CHECK(turn);
    CHECK(listener.steps.empty());
    CHECK(listener.messages.empty());
    CHECK_THROWS_AS(lock_file(file, "x"), Error);
}

TEST_CASE_METHOD(Turns, "a run waits until the holder of the lock has ended, and says so once") {
    std::optional<UniqueFd> other = lock_file(file, "x");
    const auto job = start();
    REQUIRE(test::turn_until(loop, [&] { return !listener.messages.empty(); }));
    CHECK(listener.steps == std::vector<std::string>{"turn"});
    CHECK(listener.messages.front().find("waits for its turn: another run (process ") == 0);
    CHECK(listener.detail.find("another run (process ") == 0);
    CHECK(job.running());
    other.reset();
    REQUIRE(test::turn_until(loop, [&] { return !job.running(); }));
    job.rethrow();
    CHECK(turn);
    CHECK(listener.messages.size() == 1);
}

TEST_CASE_METHOD(Turns, "a run that waits can be cancelled") {
    const auto other = lock_file(file, "x");
    const auto job = start();
    REQUIRE(test::turn_until(loop, [&] { return !listener.messages.empty(); }));
    stop.request_stop();
    REQUIRE(test::turn_until(loop, [&] { return !job.running(); }));
    CHECK_THROWS_AS(job.rethrow(), Error);
    CHECK_FALSE(turn);
}

TEST_CASE_METHOD(Turns, "a lock that cannot be used does not keep a night from being made") {
    file = directory / "missing/host.lock";
    const auto job = start();
    REQUIRE(test::turn_until(loop, [&] { return !job.running(); }));
    job.rethrow();
    CHECK_FALSE(turn);
    REQUIRE(listener.messages.size() == 1);
    CHECK(listener.messages.front().find("ignoring") != std::string::npos);
}

TEST_CASE_METHOD(Turns, "a run of the same instance is not waited for, but refused later") {
    const auto host = lock_file(file, "x");
    const auto units = lock_file(own, "x");
    const auto job = start();
    REQUIRE(test::turn_until(loop, [&] { return !job.running(); }));
    job.rethrow();
    CHECK_FALSE(turn);
    CHECK(listener.messages.empty());
}

TEST_CASE("all instances wait for the same lock, unless they have directories of another kind") {
    const config::Config only;
    const config::Config named(Instance("fedi"));
    CHECK(turn_files(only).host == Instance::lock_of_host());
    CHECK(turn_files(named).host == Instance::lock_of_host());
    CHECK(turn_files(named).own == "/run/mastobak@fedi/run.lock");
    config::Config elsewhere;
    elsewhere.runtime_directory = "/srv/run";
    CHECK(turn_files(elsewhere).host == "/srv/run/host.lock");
}
