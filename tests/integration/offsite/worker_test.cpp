// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/worker.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "core/error.hpp"
#include "offsite/queue.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "support/catch.hpp"
#include "support/offsite_servers.hpp"
#include "support/run_on.hpp"
#include "support/staged_set.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace asio = boost::asio;

TEST_CASE("a remote that is down gets the set when it is up again, and delays no other one") {
    const std::string set = "20261122T030000Z";
    const TemporaryDirectory here;
    const TemporaryDirectory box;
    stage_set(here / "staging", set, {"20261122T030000Z-0001.tar"});
    SshServer server;
    server.stop();
    config::Remote disk;
    disk.name = "disk";
    disk.type = config::RemoteType::directory;
    disk.target = here / "disk";
    std::vector<std::unique_ptr<offsite::Remote>> remotes;
    remotes.push_back(offsite::make_remote(server.rsync(box.path().native()), here / "scratch"));
    remotes.push_back(offsite::make_remote(disk, here / "scratch"));

    asio::io_context loop(1);
    asio::thread_pool pool(2);
    SystemClock clock;
    const offsite::Backoff backoff{.first = std::chrono::seconds(1)};
    offsite::Worker worker(pool, offsite::Queue(here / "queue"), here / "staging",
                           std::move(remotes), here / "history.json", clock, backoff, {});
    worker.add(set);
    asio::cancellation_signal cancel;
    bool ended = false;
    asio::co_spawn(
        loop, worker.run(),
        asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { ended = true; }));

    REQUIRE(turn_until(loop, [&] { return worker.state()[1].newest_set == set; }));
    REQUIRE(turn_until(loop, [&] { return !worker.state()[0].last_error.empty(); }));
    CHECK_FALSE(exists(box / "sets"));
    server.start();
    const auto arrived = [&] { return worker.state()[0].newest_set == set; };
    // This makes a dozen ssh connections, perhaps on a busy machine.
    REQUIRE((turn_until(loop, arrived) || turn_until(loop, arrived) || turn_until(loop, arrived)));
    CHECK(worker.state()[0].last_error.empty());
    for (const auto& name : names_in_order(set, {"20261122T030000Z-0001.tar"})) {
        CHECK(read(box / name) == read(here / "staging" / name));
        CHECK(read(here / "disk" / name) == read(here / "staging" / name));
    }
    cancel.emit(asio::cancellation_type::terminal);
    REQUIRE(turn_until(loop, [&] { return ended; }));
}
