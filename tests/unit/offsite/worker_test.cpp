// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/worker.hpp"

#include <algorithm>

#include "async/job.hpp"
#include "async/run_sync.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "offsite/queue.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_remote.hpp"
#include "support/lent_remote.hpp"
#include "support/run_on.hpp"
#include "support/staged_set.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using mastobak::offsite::UploadEvent;
using mastobak::offsite::Worker;
namespace asio = boost::asio;

namespace {

const std::string first = "20261121T030000Z";
const std::string second = "20261122T030000Z";
const std::vector<std::string> packs{"20261121T030000Z-0001.tar", "20261121T030000Z-0002.tar"};

/// A host with a staging directory, a state directory, and two remotes, which keep their objects
/// when the daemon is restarted.
class Night {
 public:
    Night() {
        stage_set(staging(), first, packs);
        start();
    }
    ~Night() { stop(); }

    std::filesystem::path staging() const { return directory_ / "staging"; }
    std::filesystem::path queue() const { return directory_ / "state/queue"; }

    /// Starts another daemon with the same state.
    void start() {
        std::vector<std::unique_ptr<offsite::Remote>> remotes;
        for (auto* remote : {&a, &b})
            remotes.push_back(std::make_unique<test::LentRemote>(*remote));
        start(std::move(remotes));
    }
    void start_without_remotes() { start({}); }
    void drain() { async::run_sync(loop, worker->drain()); }
    void run() {
        job_ = async::Job<>(loop.get_executor(), worker->run(),
                            [this](std::exception_ptr e) { ended_with = e; });
    }
    void stop() {
        job_.cancel();
        REQUIRE(turn_until(loop, [this] { return !job_.running(); }));
    }
    bool until(const std::function<bool()>& condition) { return turn_until(loop, condition); }
    offsite::RemoteState state_of_a() const { return worker->state().at(0); }
    offsite::RemoteState state_of_b() const { return worker->state().at(1); }
    bool said(UploadEvent::Kind kind, const std::string& text) const {
        return std::any_of(events.begin(), events.end(), [&](const UploadEvent& event) {
            return event.kind == kind && event.text.find(text) != std::string::npos;
        });
    }

    asio::io_context loop{1};
    FakeClock clock;
    FakeRemote a{"a"}, b{"b"};
    std::vector<UploadEvent> events;
    std::unique_ptr<Worker> worker;
    std::exception_ptr ended_with;
    std::vector<std::string> tidied;  ///< remotes in the order of pruning
    bool hold_pruning = false;        ///< until pruning is cancelled

 private:
    async::Task<> prune(std::shared_ptr<offsite::Remote> remote) {
        tidied.push_back(remote->name());
        if (hold_pruning) co_await async::wait_for(1h);
    }

    void start(std::vector<std::unique_ptr<offsite::Remote>> remotes) {
        if (worker) stop();
        worker = std::make_unique<Worker>(
            pool_, offsite::Queue(queue()), staging(), std::move(remotes),
            directory_ / "state/history.json", clock, offsite::Backoff{},
            [this](const UploadEvent& event) { events.push_back(event); },
            [this](std::shared_ptr<offsite::Remote> remote) { return prune(std::move(remote)); });
    }

    TemporaryDirectory directory_;
    asio::thread_pool pool_{2};
    async::Job<> job_;
};

}  // namespace

TEST_CASE("a set goes to every remote, its packs first and its manifest last") {
    Night night;
    night.a.set_free(Bytes{5});
    night.worker->add(first);
    night.drain();
    for (const auto* remote : {&night.a, &night.b})
        CHECK(remote->uploaded() == names_in_order(first, packs));
    CHECK(night.state_of_a().free == Bytes{5});
    CHECK_FALSE(night.state_of_b().free);
    CHECK(night.state_of_a().newest_set == first);
    CHECK(night.state_of_a().completed_at == night.clock.now());
    CHECK(night.state_of_a().queued == 0);
    CHECK(std::filesystem::is_empty(night.queue()));
    CHECK(night.said(UploadEvent::Kind::finished, "objects=5"));
}

TEST_CASE("packs of earlier nights are looked for, not compared or sent again") {
    Night night;
    night.worker->add(first);
    night.drain();
    night.start();  // the state is on the disk, not in the process
    stage_set(night.staging(), second, packs);
    night.worker->add(second);
    night.drain();
    const auto uploaded = night.a.uploaded();
    CHECK(uploaded.size() == 5 + 3);
    const auto calls = night.a.calls();
    CHECK(std::count(calls.begin(), calls.end(), "put media/" + packs[0]) == 1);
    CHECK(night.said(UploadEvent::Kind::finished, "known=2"));
}

TEST_CASE("a pack that has vanished at the remote is sent again") {
    Night night;
    night.worker->add(first);
    night.drain();
    night.a.lose("media/" + packs[1]);
    stage_set(night.staging(), second, packs);
    night.worker->add(second);
    night.drain();
    CHECK(night.a.objects().contains("media/" + packs[1]));
}

TEST_CASE("a remote that fails holds up no other, and says why and when it is tried again") {
    Night night;
    night.a.fail(1, "no route to host");
    night.worker->add(first);
    night.drain();
    CHECK(night.state_of_b().newest_set == first);
    const auto state = night.state_of_a();
    CHECK_FALSE(state.newest_set);
    CHECK(state.queued == 1);
    CHECK(state.last_error == "no route to host");
    CHECK(state.failed_at == night.clock.now());
    CHECK(state.next_attempt == night.clock.now() + 30s);
    CHECK(night.said(UploadEvent::Kind::failed, "no route to host"));
}

TEST_CASE("how much waits for a remote is known also when it cannot be reached") {
    Night night;
    night.a.fail(1, "no route to host");
    night.worker->add(first);
    night.drain();
    CHECK(night.state_of_b().waiting == Bytes{});
    const auto alone = night.state_of_a().waiting;
    REQUIRE(alone);
    CHECK(*alone > Bytes{});
    // It uses the packs of the first set, which count once.
    stage_set(night.staging(), second, packs);
    night.clock.advance(1h);
    night.a.fail(2, "no route to host");
    night.worker->add(second);
    night.drain();
    REQUIRE(night.state_of_a().waiting);
    CHECK(*night.state_of_a().waiting > *alone);
    CHECK(*night.state_of_a().waiting < Bytes{2 * alone->count});
    night.start();
    CHECK_FALSE(night.state_of_a().waiting);  // because the remote was not asked yet
    night.drain();
    CHECK(night.state_of_a().waiting == Bytes{});
}

TEST_CASE("an error is over once something gets there, and then all else is tried at once") {
    Night night;
    stage_set(night.staging(), second, {});
    night.a.fail(2, "no route to host");
    night.worker->add(first);
    night.worker->add(second);
    night.drain();
    CHECK(night.state_of_a().last_error == "no route to host");
    night.clock.advance(10s);
    night.worker->retry_now();
    night.a.hold();
    night.run();
    REQUIRE(night.until([&] { return night.a.holding(); }));
    REQUIRE(night.until([&] { return night.state_of_a().done.count > 0; }));
    CHECK(night.state_of_a().last_error.empty());
}

TEST_CASE("a remote that hangs holds up no other") {
    Night night;
    night.a.hold();
    night.run();
    night.worker->add(first);
    REQUIRE(night.until([&] { return night.state_of_b().newest_set == first; }));
    REQUIRE(night.until([&] { return night.a.holding(); }));
    const auto state = night.state_of_a();
    CHECK(state.uploading == "media/" + packs[0]);
    CHECK(state.total.count > 0);
    CHECK(state.done.count > 0);
    CHECK(state.done < state.total);
    CHECK_FALSE(state.left);
    night.clock.advance(10s);
    const auto later = night.state_of_a();
    CHECK(later.rate.count == later.done.count / 10);
    REQUIRE(later.left);
    CHECK(*later.left > 0s);
}

TEST_CASE("failures are waited out longer and longer, across restarts, and not before their time") {
    Night night;
    night.a.fail(1000);
    night.worker->add(first);
    night.drain();
    night.drain();
    CHECK(night.state_of_a().next_attempt == night.clock.now() + 60s);
    night.start();
    CHECK(night.state_of_a().next_attempt == night.clock.now() + 60s);
    const auto calls = night.a.calls().size();
    night.run();
    night.worker->add(second);  // wakes it, but does not try the first set again
    stage_set(night.staging(), second, {});
    REQUIRE(night.until([&] { return night.state_of_b().newest_set == second; }));
    REQUIRE(night.until([&] { return night.a.calls().size() > calls; }));
    CHECK(night.a.calls().size() == calls + 1);

    night.a.fail(0);
    night.clock.advance(61s);
    night.worker->add(second);
    REQUIRE(night.until([&] { return night.state_of_a().queued == 0; }));
    CHECK(night.state_of_a().newest_set == second);
    CHECK(night.state_of_a().last_error.empty());
}

TEST_CASE("a clock that was set back does not put an attempt off for years") {
    Night night;
    night.a.fail(1);
    night.worker->add(first);
    night.drain();
    night.clock.set(*parse_iso8601("2020-01-01T00:00:00Z"));
    night.run();
    CHECK(night.until([&] { return night.state_of_a().newest_set == first; }));
}

TEST_CASE("retry_now tries what was put off") {
    Night night;
    night.a.fail(1);
    night.worker->add(first);
    night.drain();
    night.run();
    night.worker->retry_now();
    CHECK(night.until([&] { return night.state_of_a().newest_set == first; }));
}

TEST_CASE("a cancelled upload ends soon, is not a failure, and is done by the next daemon") {
    Night night;
    night.a.hold();
    night.run();
    night.worker->add(first);
    REQUIRE(night.until([&] { return night.a.holding(); }));
    const auto begin = std::chrono::steady_clock::now();
    night.stop();
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
    REQUIRE(night.ended_with);
    CHECK(as_error(night.ended_with).code() == Errc::cancelled);
    CHECK(night.a.objects().empty());
    CHECK_FALSE(night.said(UploadEvent::Kind::failed, ""));

    night.a.release();
    night.start();
    CHECK(night.state_of_a().queued == 1);
    CHECK(night.state_of_a().last_error.empty());
    night.run();
    CHECK(night.until([&] { return night.state_of_a().newest_set == first; }));
}

TEST_CASE("a worker without work, and one without remotes, wait until they are cancelled") {
    Night night;
    const bool without_remotes = GENERATE(false, true);
    if (without_remotes) night.start_without_remotes();
    night.run();
    night.loop.poll();
    CHECK_FALSE(night.ended_with);
    night.stop();
    REQUIRE(night.ended_with);
    CHECK(as_error(night.ended_with).code() == Errc::cancelled);
}

TEST_CASE("a file that rots in staging is not sent, and the remote's manifest does not appear") {
    Night night;
    write(night.staging() / "sets" / first / "database.dump.zst", "THE database of " + first);
    night.worker->add(first);
    night.drain();
    CHECK(night.state_of_a().last_error.find("database.dump.zst") != std::string::npos);
    CHECK_FALSE(night.a.objects().contains("sets/" + first + "/manifest.json"));
}

TEST_CASE("a set that staging no longer has is given up, but not when staging itself is missing") {
    Night night;
    night.worker->add(first);
    rename(night.staging() / "sets", night.staging() / "unmounted");
    night.drain();
    CHECK(night.state_of_a().queued == 1);
    rename(night.staging() / "unmounted", night.staging() / "sets");
    remove_all(night.staging() / "sets" / first);
    night.drain();
    CHECK(night.state_of_a().queued == 0);
    CHECK(night.said(UploadEvent::Kind::failed, "no longer in"));
}

TEST_CASE("a job that cannot be taken out of the queue is reported, and ends no upload") {
    Night night;
    night.worker->add(first);
    // Root cannot remove this either, as on a disk that has become read-only.
    const auto job = night.queue() / (first + "@a.json");
    REQUIRE(std::filesystem::remove(job));
    write(job / "in the way", "");
    remove_all(night.staging() / "sets" / first);
    night.drain();
    CHECK(night.said(UploadEvent::Kind::failed, "; and cannot remove '"));
    CHECK(night.state_of_a().queued + night.state_of_b().queued == 0);
}

TEST_CASE("an older set that arrives late is not called the newest") {
    Night night;
    stage_set(night.staging(), second, {});
    night.worker->add(second);
    night.drain();
    night.worker->add(first);
    night.drain();
    CHECK(night.state_of_a().newest_set == second);
}

TEST_CASE("a damaged history or queue, and a remote that is gone, are reported; the work goes on") {
    Night night;
    write(night.queue() / "notes", "x");
    write(night.queue() / (first + "@old.json"), "{");
    write(night.queue().parent_path() / "history.json", "{\"remotes\": 5}");
    night.start();
    night.worker->add(first);
    night.drain();
    for (const auto* part : {"notes", "@old.json", "'old'", "history.json"})
        CHECK(night.said(UploadEvent::Kind::failed, part));
    CHECK(night.state_of_a().newest_set == first);
}

TEST_CASE("a remote is tidied when all that is queued for it has come there, and not before") {
    Night night;
    stage_set(night.staging(), second, packs);
    night.b.fail(1);
    night.worker->add(first);
    night.worker->add(second);
    night.drain();
    // The other remote failed with the first set, and still has it in its queue.
    CHECK(night.tidied == std::vector<std::string>{"a"});
    CHECK(night.b.uploaded().back() == "sets/" + second + "/manifest.json");
    CHECK_FALSE(night.state_of_b().pruning);
    night.drain();
    CHECK(night.tidied == std::vector<std::string>{"a", "b"});
    night.drain();
    CHECK(night.tidied.size() == 2);
}

TEST_CASE("retention runs at a remote on request, and nothing is uploaded meanwhile") {
    Night night;
    night.hold_pruning = true;
    night.run();
    CHECK(night.until([&] { return night.loop.poll() == 0; }));
    CHECK(night.tidied.empty());
    night.worker->prune();
    REQUIRE(night.until([&] { return night.tidied.size() == 2; }));
    CHECK(night.state_of_a().pruning);
    night.worker->add(first);
    CHECK(night.until([&] { return night.loop.poll() == 0; }));
    CHECK(night.a.uploaded().empty());
    night.stop();
    CHECK(night.ended_with);

    night.hold_pruning = false;
    night.start();
    night.run();
    REQUIRE(night.until([&] { return night.tidied.size() == 4; }));
    CHECK(night.until([&] { return !night.state_of_a().pruning && !night.state_of_b().pruning; }));
    CHECK(night.a.uploaded().back() == "sets/" + first + "/manifest.json");
}
