// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/pack_streamer.hpp"
#include "core/error.hpp"
#include "offsite/queue.hpp"
#include "store/new_set.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/fake_remote.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string set = "20261120T030000Z";

struct SendAheadFixture : StoreFixture {
    SendAheadFixture() {
        std::vector<std::unique_ptr<offsite::Remote>> remotes;
        for (const auto* name : {"a", "b"}) {
            auto remote = std::make_unique<FakeRemote>(name);
            fakes.push_back(remote.get());
            remotes.push_back(std::move(remote));
        }
        const offsite::Backoff at_once{.first = 0s, .longest = 0s};
        ahead =
            std::make_unique<backup::PackStreamer>(staging, std::move(remotes), at_once, patience);
    }

    store::PackRecord keep(const std::string& number) const {
        store::NewSet made(staging, set);
        const auto pack = add_pack(made, number, "pack " + number);
        const auto lines = made.pack_directory() / (pack.name + ".index.zst");
        write(lines, "lines");
        const store::PackRecord record{
            pack.name, pack.size, pack.sha256, {}, 1, store::PackPlace::being_made, {}};
        return store::keep_unfinished(staging, made.pack_directory() / pack.name, lines, record);
        return record;
    }
    bool is_here(const store::PackRecord& pack) const {
        return fs::exists(staging.unfinished() / pack.name);
    }
    bool wait(std::uint64_t seen, std::stop_token stop = {}) {
        return ahead->wait(
            seen, [this](std::string_view text) { said = text; }, stop);
    }

    std::chrono::seconds patience = 3600s;
    std::vector<FakeRemote*> fakes;
    std::unique_ptr<backup::PackStreamer> ahead;
    std::string said;
};

}  // namespace

TEST_CASE_METHOD(SendAheadFixture, "a pack is removed here once it is at every remote") {
    const auto pack = keep("0001");
    fakes[1]->hold();
    ahead->add(pack);
    ahead->begin();
    REQUIRE(eventually([&] { return fakes[0]->uploaded().size() == 1; }));
    REQUIRE(eventually([&] { return fakes[1]->holding(); }));
    CHECK(is_here(pack));
    CHECK(ahead->removed() == 0);
    fakes[1]->release();
    CHECK(wait(0));
    CHECK_FALSE(is_here(pack));
    const auto records = store::unfinished_packs(staging);
    REQUIRE(records.size() == 1);
    CHECK(records[0].place == store::PackPlace::unfinished_off_site);
    CHECK(records[0].remotes.size() == 2);
    CHECK(fakes[0]->objects().at("media/" + pack.name) == "pack 0001");
    CHECK_FALSE(wait(1));
}

TEST_CASE_METHOD(SendAheadFixture, "nothing is sent before it has to be") {
    const auto pack = keep("0001");
    ahead->add(pack);
    CHECK(fakes[0]->calls().empty());
    CHECK(is_here(pack));
}

TEST_CASE_METHOD(SendAheadFixture,
                 "a remote that fails for a while holds up nothing but the room") {
    fakes[0]->fail(3);
    ahead->begin();
    std::vector<store::PackRecord> packs{keep("0001"), keep("0002")};
    for (const auto& pack : packs) ahead->add(pack);
    for (std::uint64_t removed = 0; removed < packs.size(); ++removed) CHECK(wait(removed));
    CHECK(ahead->warnings().empty());
    CHECK(fakes[0]->uploaded().size() == 2);
}

TEST_CASE_METHOD(SendAheadFixture, "what is at a remote already goes to the others alone") {
    auto pack = keep("0001");
    pack.remotes = {"a"};
    ahead->add(pack);
    ahead->begin();
    CHECK(wait(0));
    CHECK(fakes[0]->uploaded().empty());
    CHECK(fakes[1]->uploaded().size() == 1);
}

TEST_CASE_METHOD(SendAheadFixture, "waiting says for whom and why, and is cancelled at once") {
    fakes[0]->fail(1 << 30, "no route to host");
    ahead->add(keep("0001"));
    ahead->begin();
    std::stop_source stop;
    REQUIRE(eventually([&] { return fakes[1]->uploaded().size() == 1; }));
    const auto hear = [&](std::string_view text) {
        said = text;
        if (said.find("no route") != std::string::npos) stop.request_stop();
    };
    CHECK_THROWS_AS(ahead->wait(0, hear, stop.get_token()), Error);
    CHECK(said.find("to 'a': no route to host") != std::string::npos);
    CHECK(said.find("'b'") == std::string::npos);
}

TEST_CASE_METHOD(SendAheadFixture, "a pack that has rotted is an error, and is not sent") {
    const auto pack = keep("0001");
    write(staging.unfinished() / pack.name, "Pack 0001");
    ahead->add(pack);
    ahead->begin();
    try {
        wait(0);
        FAIL("it was sent");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::corrupt);
    }
    CHECK(fakes[0]->uploaded().empty());
    CHECK(store::unfinished_packs(staging).empty());
}

TEST_CASE_METHOD(StoreFixture, "a remote of which nothing is heard ends the wait") {
    auto fake = std::make_unique<FakeRemote>("a");
    fake->fail(1 << 30, "no route to host");
    std::vector<std::unique_ptr<offsite::Remote>> remotes;
    remotes.push_back(std::move(fake));
    backup::PackStreamer ahead(staging, std::move(remotes), {.first = 1s, .longest = 1s}, 1s);
    write(staging.unfinished() / "20261120T030000Z-0001.tar", "pack 0001");
    ahead.add({"20261120T030000Z-0001.tar",
               {9},
               digest("pack 0001"),
               {},
               1,
               store::PackPlace::unfinished,
               {}});
    ahead.begin();
    try {
        ahead.wait(0, [](std::string_view) {}, {});
        FAIL("it arrived");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::offsite);
        CHECK(error.text().find("no route to host") != std::string::npos);
        CHECK_FALSE(error.hint().empty());
    }
}
