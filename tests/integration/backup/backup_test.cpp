// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "night.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::Night;
using Mode = config::ConsistencyMode;

TEST_CASE("a night makes one set with everything in it") {
    Night night;
    night.config.consistency.mode = GENERATE(Mode::quiesce, Mode::offline, Mode::live);
    const auto result = night.run();
    CHECK(night.sets() == std::vector{result.manifest.set});
    CHECK(night.damage().empty());
    CHECK(night.leftovers().empty());
    CHECK(night.mastodon_runs());

    const auto& manifest = result.manifest;
    CHECK(manifest.media.files == 2);
    CHECK(manifest.media.excluded_bytes == Bytes{15});
    CHECK(manifest.database.rows.at("public.accounts") == 100);
    CHECK(manifest.consistent == (night.config.consistency.mode != Mode::live));
    CHECK(manifest.artifacts.size() >= 3);
}

TEST_CASE("live stops nothing, the other modes stop what was active and only that") {
    Night night;
    night.units.units["mastodon-streaming.service"].state = "inactive";
    night.config.consistency.mode = GENERATE(Mode::quiesce, Mode::offline, Mode::live);
    const auto result = night.run();
    const bool live = night.config.consistency.mode == Mode::live;
    CHECK(result.manifest.units.size() == (live ? 0 : 2));
    CHECK(night.units.units["mastodon-streaming.service"].state == "inactive");
    CHECK((result.manifest.downtime.count() > 0) == !live);
}

TEST_CASE("in quiesce the dump runs while Mastodon does, in offline before it is started again") {
    Night night;
    bool runs_at_dump = false;
    night.observer.on_step = [&](const std::string& step) {
        if (step == "dump") runs_at_dump = night.mastodon_runs();
    };
    night.config.consistency.mode = Mode::quiesce;
    night.run();
    CHECK(runs_at_dump);
    night.config.consistency.mode = Mode::offline;
    night.run();
    CHECK_FALSE(runs_at_dump);
}

TEST_CASE("unchanged media is not read or copied again") {
    Night night;
    const auto first = night.run();
    night.add_media("media_attachments/files/2/original/new.jpg", "new");
    const auto second = night.run();
    CHECK(second.manifest.media.files == 3);
    CHECK(second.manifest.media.new_files == 1);
    CHECK(second.manifest.media.packs.size() == 2);
    CHECK(second.manifest.set > first.manifest.set);
    CHECK(night.damage().empty());
}

TEST_CASE("what is written between the live pass and the freeze is in the set") {
    Night night;
    night.observer.on_step = [&](const std::string& step) {
        if (step == "stop") night.add_media("accounts/avatars/9/original/late.png", "late");
    };
    const auto result = night.run();
    CHECK(result.manifest.media.files == 3);
    CHECK(result.manifest.media.new_files == 3);
    CHECK(night.damage().empty());
    CHECK(night.leftovers().empty());
}

TEST_CASE("how far the media is, is known in every night") {
    Night night;
    for (int i = 0; i < 2; ++i) {
        night.observer.last_fraction = -1;
        double media = -1;
        night.observer.on_step = [&](const std::string& step) {
            if (step == "quiet") media = night.observer.last_fraction;
        };
        night.run();
        CHECK(media > 0);
        CHECK(media <= 1);
    }
}

TEST_CASE("a remote that cannot be used is told before anything is stopped, and the set is made") {
    Night night;
    config::Remote good, bad;
    good.name = "good";
    bad.name = "bad";
    good.type = bad.type = config::RemoteType::directory;
    good.target = night.directory / "copy";
    bad.target = night.directory / "disk/copy";
    bad.mounted = true;
    night.config.offsite = {good, bad};
    const auto result = night.run();
    CHECK(night.observer.said("the remote 'bad' cannot be used"));
    CHECK(night.observer.said("nothing is mounted at"));
    CHECK(night.observer.said("no set could be taken over from the remote 'bad'"));
    CHECK_FALSE(night.observer.said("'good'"));
    CHECK(result.manifest.warnings.size() == 2);
}

TEST_CASE("a configuration that changes before the freeze is in the set as it was then") {
    Night night;
    const auto file = night.directory / "live/.env.production";
    const bool changes = GENERATE(true, false);
    night.observer.on_step = [&](const std::string& step) {
        if (step == "stop" && changes) test::write(file, test::read(file) + "NEW_SETTING=1\n");
    };
    const auto result = night.run();
    CHECK(night.observer.said("archived again") == changes);
    CHECK(night.damage().empty());
    const auto set = store::Staging(night.config.staging.path).set(result.manifest.set);
    Command tar;
    tar.argv = {"tar", "--zstd", "-xOf", set / "config.tar.zst", file.relative_path().native()};
    const auto extracted = run(tar);
    CHECK(extracted.ok());
    CHECK(extracted.output == test::read(file));
}

TEST_CASE("a unit that is started during the freeze makes the set inconsistent") {
    Night night;
    night.observer.on_step = [&](const std::string& step) {
        if (step == "snapshot") night.units.units["mastodon-web.service"].state = "active";
    };
    const auto result = night.run();
    CHECK_FALSE(result.manifest.consistent);
    CHECK(night.observer.said("was started while the backup was taken"));
}

TEST_CASE("a unit that stays down is critical, and the set is published nevertheless") {
    Night night;
    night.config.mastodon.start_timeout = std::chrono::seconds(1);
    night.config.mastodon.start_attempts = 2;
    night.units.units["mastodon-web.service"].starts_to_fail = 1000;
    night.run();
    CHECK(night.sets().size() == 1);
    CHECK(night.observer.critical.size() == 1);
    CHECK(std::filesystem::exists(night.config.runtime_directory / "stopped-units"));
}

// The most valuable test: it checks the same facts after a failure at each step.
TEST_CASE("a run that fails at any step leaves Mastodon running and older sets as they are") {
    Night night;
    night.config.consistency.mode = GENERATE(Mode::quiesce, Mode::offline, Mode::live);
    const bool cancelled = GENERATE(false, true);
    CAPTURE(cancelled);
    night.run();
    const auto steps = night.observer.steps.size();
    REQUIRE(steps >= 6);
    for (std::size_t n = 0; n < steps; ++n) {
        std::size_t seen = 0;
        night.observer.on_step = [&](const std::string& step) {
            if (seen++ != n) return;
            INFO("step " << step);
            if (!cancelled) throw Error(Errc::internal, "this step fails");
            night.cancel();
        };
        const auto before = night.sets();
        night.fails();
        CAPTURE(n, cancelled, night.observer.steps.back());
        CHECK(night.mastodon_runs());
        CHECK(night.sets() == before);
        CHECK(night.damage().empty());
        night.observer.on_step = nullptr;
        night.run();
        CHECK(night.sets().size() == before.size() + 1);
        CHECK(night.leftovers().empty());
    }
}
