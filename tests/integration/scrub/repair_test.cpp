// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/repair.hpp"

#include <sys/stat.h>

#include <map>

#include "core/error.hpp"
#include "restore/source/verify_dump.hpp"
#include "scrub_fixture.hpp"
#include "store/marks.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;
using State = scrub::Repair::State;

namespace {

struct RepairFixture : ScrubFixture {
    scrub::RepairOptions options{};

    std::vector<scrub::Repair> plan() { return scrub::plan_repairs(services(), options); }
    /// Repairs, and returns the state of each object, by "place:object".
    std::map<std::string, State> heal() {
        auto repairs = plan();
        scrub::repair(services(), options, repairs);
        std::map<std::string, State> states;
        for (const auto& entry : repairs) {
            UNSCOPED_INFO(entry.object << ": " << entry.problem);
            states[entry.place + ":" + entry.object] = entry.state;
        }
        return states;
    }
    void scrub_staging() {
        const auto place = staging_place();
        // Verifies all objects at once, because a slice has a budget.
        scrub::verify_sets(services(), *place, place->set_names({}));
    }
    bool is_good(const std::string& name) const {
        return store::verify(staging, name, &restore::verify_members, {}).problems.empty();
    }
    bool same_everywhere(const std::string& object) const {
        return test::read(staging.root() / object) == test::read(disk / object);
    }
};

}  // namespace

TEST_CASE_METHOD(RepairFixture, "what is damaged in staging is healed from a remote") {
    const auto object = "media/" + pack();
    flip_member(staging.root(), "plain.bin");
    flip(staging.set(later) / "media.index.zst", 30);
    fs::remove(staging.set(set) / "config.tar.zst");
    scrub_staging();
    CHECK(store::damaged_sets(staging).size() == 2);
    const auto planned = plan();
    REQUIRE(planned.size() == 3);
    for (const auto& entry : planned) {
        CHECK(entry.state == State::can_be_healed);
        CHECK(entry.source == "remote 'disk'");
    }
    CHECK_FALSE(same_everywhere(object));  // a plan changes nothing
    for (const auto& [name, state] : heal()) CHECK(state == State::healed);
    CHECK(is_good(set));
    CHECK(is_good(later));
    CHECK(store::damaged_sets(staging).empty());
    CHECK(fs::is_empty(staging.partial()));
    CHECK(plan().empty());
}

TEST_CASE_METHOD(RepairFixture, "what is damaged at a remote is healed from staging") {
    const auto object = "media/" + pack();
    flip_member(disk, "plain.bin");
    fs::remove(disk / "sets" / later / "config.tar.zst");
    verify();
    for (const auto& [name, state] : heal()) CHECK(state == State::healed);
    CHECK(same_everywhere(object));
    CHECK(verify().damaged.empty());
    for (const auto& file : fs::directory_iterator(disk / "media"))
        CHECK_FALSE(file.path().filename().native().starts_with('.'));
}

TEST_CASE_METHOD(RepairFixture, "the description of a set is healed at either place") {
    flip(staging.set(set) / "manifest.json", 40);
    flip(disk / "sets" / later / "SHA256SUMS", 3);
    scrub_staging();
    verify();
    const auto states = heal();
    CHECK(states.size() == 2);
    for (const auto& [name, state] : states) CHECK(state == State::healed);
    CHECK(is_good(set));
    CHECK(verify().damaged.empty());
    scrub_staging();
    CHECK(plan().empty());
}

TEST_CASE_METHOD(RepairFixture, "what is damaged at each place is not healed, and stays as it is") {
    const auto object = "media/" + pack();
    flip_member(staging.root(), "plain.bin");
    flip_member(disk, "plain.bin");
    const auto before = test::read(staging.root() / object);
    scrub_staging();
    SECTION("known of both") {
        verify();
    }
    SECTION("found while it is healed") {}
    const auto states = heal();
    for (const auto& [name, state] : states) CHECK(state == State::cannot_be_healed);
    CHECK((test::read(staging.root() / object) == before));
    CHECK(fs::is_empty(staging.partial()));
    CHECK_FALSE(plan().empty());
}

TEST_CASE_METHOD(RepairFixture, "a pack is made whole from unchanged files of the disk") {
    config.offsite.clear();
    options.media = media;
    const auto object = "media/" + pack();
    const auto whole = test::read(staging.root() / object);
    SECTION("contents") {
        flip_member(staging.root(), "plain.bin");
    }
    SECTION("a header, contents and the end") {
        const auto member = flip_member(staging.root(), "plain.bin");
        flip(staging.root() / object, member.offset + 3);
        flip(staging.root() / object, member.offset + 140);
        flip(staging.root() / object, whole.size() - 700);
    }
    SECTION("cut off") {
        fs::resize_file(staging.root() / object, whole.size() / 2);
    }
    scrub_staging();
    const auto states = heal();
    REQUIRE(states.size() == 1);
    CHECK(states.begin()->second == State::healed);
    CHECK((test::read(staging.root() / object) == whole));
    CHECK(is_good(set));
}

TEST_CASE_METHOD(RepairFixture, "a file that has changed since then does not heal a pack") {
    config.offsite.clear();
    options.media = media;
    const auto member = flip_member(staging.root(), "plain.bin");
    test::write(media / "plain.bin", std::string(member.size, 'x'));
    const auto before = test::read(staging.media() / member.pack);
    scrub_staging();
    const auto repairs = [&] {
        auto planned = plan();
        scrub::repair(services(), options, planned);
        return planned;
    }();
    REQUIRE(repairs.size() == 1);
    CHECK(repairs[0].state == State::cannot_be_healed);
    CHECK(repairs[0].problem.find("'plain.bin' is missing or has changed") != std::string::npos);
    CHECK((test::read(staging.media() / member.pack) == before));
    // A symlink to another file is not followed.
    fs::remove(media / "plain.bin");
    fs::create_symlink("/etc/shadow", media / "plain.bin");
    CHECK(heal().begin()->second == State::cannot_be_healed);
}

TEST_CASE_METHOD(RepairFixture, "what is whole again by other means is only noted") {
    const auto member = flip_member(staging.root(), "plain.bin");
    scrub_staging();
    flip_member(staging.root(), "plain.bin");
    const auto repairs = heal();
    REQUIRE(repairs.size() == 1);
    CHECK(repairs.begin()->second == State::was_whole);
    CHECK(plan().empty());
    CHECK(store::damaged_sets(staging).empty());
}

TEST_CASE_METHOD(RepairFixture, "damage that verify has marked is found by repair") {
    flip_member(staging.root(), "plain.bin");
    store::note_verified(staging, store::verify(staging, later, &restore::verify_members, {}));
    for (const auto& [name, state] : heal()) CHECK(state == State::healed);
    CHECK(is_good(later));
    CHECK(store::damaged_sets(staging).empty());
}

TEST_CASE_METHOD(RepairFixture,
                 "a shared index that is damaged is healed from a remote, not from the disk") {
    const std::string newest = "20261123T030000Z";
    index_as = IndexAs::changes;
    publish(newest);
    for (const auto* shared : {"sets", "media"})
        fs::copy(staging.root() / shared, disk / shared,
                 fs::copy_options::recursive | fs::copy_options::skip_existing);
    const auto object = "media/" + staging.manifest(newest).media.index_base.value().name;
    const bool is_at_remote = GENERATE(true, false);
    if (!is_at_remote) fs::remove(disk / object);
    options.media = media;
    flip(staging.root() / object, 30);
    scrub_staging();
    CHECK(store::damaged_sets(staging).size() == 1);
    const auto planned = plan();
    REQUIRE(planned.size() == 1);
    CHECK(planned[0].object == object);
    CHECK(planned[0].damage.members.empty());
    CHECK((planned[0].state == State::can_be_healed) == is_at_remote);
    if (!is_at_remote) return;
    for (const auto& [name, state] : heal()) CHECK(state == State::healed);
    CHECK(is_good(newest));
    CHECK(same_everywhere(object));
}

TEST_CASE_METHOD(RepairFixture, "what lies in the place of a good copy is not used to heal") {
    const auto object = "media/" + pack();
    const auto copy = disk / object, elsewhere = directory / "elsewhere";
    const auto whole = test::read(copy);
    fs::rename(copy, elsewhere);
    SECTION("a symlink, also to the right contents") {
        fs::create_symlink(elsewhere, copy);
    }
    SECTION("a FIFO without a writer") {
        REQUIRE(::mkfifo(copy.c_str(), 0666) == 0);
    }
    SECTION("a directory") {
        fs::create_directory(copy);
    }
    SECTION("a hole of a terabyte") {
        test::write(copy, "");
        fs::resize_file(copy, std::uintmax_t{1} << 40);
    }
    SECTION("other contents of the same size") {
        test::write(copy, std::string(whole.size(), 'x'));
    }
    flip_member(staging.root(), "plain.bin");
    const auto damaged = test::read(staging.root() / object);
    scrub_staging();
    for (const auto& [name, state] : heal()) CHECK(state == State::cannot_be_healed);
    CHECK((test::read(staging.root() / object) == damaged));
    CHECK((test::read(elsewhere) == whole));
    CHECK(fs::is_empty(staging.partial()));
}

TEST_CASE_METHOD(RepairFixture, "a repair writes through nothing that lies in the object's place") {
    const auto object = "media/" + pack();
    const auto victim = directory / "victim";
    const bool at_remote = GENERATE(false, true);
    const auto root = at_remote ? disk : staging.root();
    const auto other = at_remote ? staging.root() : disk;
    CAPTURE(root);
    fs::remove(root / object);
    SECTION("a symlink to a file of somebody else") {
        test::write(victim, "theirs");
        fs::create_symlink(victim, root / object);
    }
    SECTION("a symlink to the good copy") {
        fs::create_symlink(other / object, root / object);
    }
    SECTION("a FIFO") {
        REQUIRE(::mkfifo((root / object).c_str(), 0666) == 0);
    }
    const auto whole = test::read(other / object);
    scrub_staging();
    verify();
    for (const auto& [name, state] : heal()) CHECK(state != State::was_whole);
    CHECK((test::read(other / object) == whole));
    if (fs::exists(victim)) CHECK(test::read(victim) == "theirs");
    // It is healed as what it should be, or left as it is.
    if (fs::is_regular_file(fs::symlink_status(root / object)))
        CHECK((test::read(root / object) == whole));
}
