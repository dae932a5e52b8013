// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/prune.hpp"

#include <fmt/format.h>

#include "backup/retention/prune_remote.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "daemon/commands/sets/verify.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/worker.hpp"
#include "perform.hpp"
#include "store/marks.hpp"
#include "support/catch.hpp"
#include "support/fake_remote.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace mastobak::test;

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

const std::string first = "20201120T030000Z";
const std::string second = "20201121T030000Z";
const std::string third = "20201122T030000Z";

/// Three sets, of which the policy keeps the newest one, and a remote.
struct PruneFixture : StoreFixture {
    Options options;
    config::Config config;

    PruneFixture() {
        options.config = directory / "mastobak.yaml";
        write(options.config,
              fmt::format("staging:\n  path: {0}/staging\nstate_directory: {0}/state\n"
                          "retention:\n  daily: 1\n  weekly: 0\n  monthly: 0\n  minimum: 1\n"
                          "offsite:\n  - name: disk\n    type: directory\n    target: {0}/disk\n",
                          directory.path().native()));
        config = load_config(options);
        make_directories(config.state_directory);
        for (const auto& set : {first, second, third}) publish(set);
    }

    void queue(const std::string& set, const std::string& remote) const {
        offsite::Job job;
        job.set = set;
        job.remote = remote;
        offsite::Queue(offsite::queue_directory(config.state_directory)).add(job);
    }
    void complete(const std::string& set) const {
        offsite::History history(offsite::history_file(config.state_directory));
        history.of("disk").newest_set = set;
        history.of("disk").completed_at = SystemClock().now();
        history.save();
    }
    backup::PruneReport prune_at(FakeRemote& remote) const {
        return backup::prune_remote(config, config.offsite.at(0), remote, SystemClock().now(), {},
                                    {});
    }
    backup::PruneReport prune(backup::PruneOptions what = {}) const {
        return backup::prune_staging(config, SystemClock().now(), what, {});
    }
};

}  // namespace

TEST_CASE_METHOD(PruneFixture, "a set that a remote still waits for stays in staging") {
    queue(first, "disk");
    queue(second, "a remote that is not in the configuration any more");
    const auto report = prune();
    CHECK(staging.list() == Names{first, third});
    CHECK(report.decisions.at(0).why == "waits for its copy to 'disk'");
    CHECK(report.sets_gone() == 1);
    CHECK(prune({.dry_run = false, .unsent = true}).sets_gone() == 1);
    CHECK(staging.list() == Names{third});
}

TEST_CASE_METHOD(PruneFixture, "nothing is removed while a run is in progress, but one may look") {
    const auto lock = store::lock(staging);
    try {
        prune();
        FAIL("pruned beside a run");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::busy);
    }
    CHECK(prune({.dry_run = true, .unsent = false}).sets_gone() == 2);
    CHECK(staging.list().size() == 3);
}

TEST_CASE_METHOD(PruneFixture, "mastobak prune removes, says so, and leaves what is pinned") {
    options.json = GENERATE(false, true);
    CHECK(perform(options, "prune --dry-run") == 0);
    CHECK(staging.list().size() == 3);
    CHECK(perform(options, "keep " + first) == 0);
    CHECK(perform(options, "prune") == 0);
    CHECK(staging.list() == Names{first, third});
    CHECK(perform(options, "keep --release " + first) == 0);
    CHECK(perform(options, "prune") == 0);
    CHECK(staging.list() == Names{third});
    CHECK(names_in(staging.media()).size() == 1);
}

TEST_CASE_METHOD(PruneFixture,
                 "a set that only a remote may have can be pinned; another name cannot") {
    CHECK(perform(options, "keep 20190101T000000Z") == 0);
    CHECK(store::pinned_sets(staging) == std::set<std::string>{"20190101T000000Z"});
    CHECK(perform(options, "keep latest") == 0);
    CHECK(store::pinned_sets(staging).contains(third));
    CHECK_THROWS_AS(perform(options, "keep yesterday"), Error);
}

TEST_CASE_METHOD(PruneFixture,
                 "a pack goes once it is known to be off-site, and its set is good then") {
    config.staging.keep_packs = false;
    const auto pack = staging.manifest(third).media.packs.at(0);
    CHECK(prune().evicted == 0);
    offsite::History history(offsite::history_file(config.state_directory));
    history.of("disk").packs["media/" + pack.name] = pack.sha256;
    history.save();
    CHECK(prune().evicted == 1);
    CHECK(names_in(staging.media()).empty());
    CHECK(prune().decisions.at(0).why == "newest, minimum 1 of 1, daily 1 of 1");
    fs::remove_all(staging.away());
    CHECK(prune().decisions.at(0).why == "damaged");
}

TEST_CASE_METHOD(PruneFixture,
                 "nothing goes from a remote before all that it is to have is there") {
    FakeRemote remote("disk");
    CHECK(prune_at(remote).waits_for == "the newest set, '" + third + "', which is not there yet");
    complete(third);
    queue(second, "disk");
    CHECK(prune_at(remote).waits_for == "1 set that is queued for it");
    CHECK(remote.calls().empty());
}

TEST_CASE_METHOD(PruneFixture, "a pin is carried to a remote, once") {
    FakeRemote remote("disk");
    complete(third);
    store::pin(staging, first);
    CHECK(prune_at(remote).waits_for.empty());
    CHECK(remote.objects().at("keep/" + first) == first + "\n");
    CHECK(remote.objects().size() == 2);  // the other one is the public key
    prune_at(remote);
    CHECK(remote.uploaded().size() == 2);
}

TEST_CASE_METHOD(PruneFixture, "a set that verification finds damaged is not what others go for") {
    write(staging.set(third) / "database.dump.zst", std::string(24, 'x'));
    CHECK(command_verify(options, {}) == 18);
    const auto report = prune();
    CHECK(staging.list() == Names{second, third});
    CHECK(report.warnings.size() == 1);
}
