// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/new_set.hpp"

#include <sys/stat.h>

#include "core/error.hpp"
#include "core/process/process.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"
#include "unit/store/three_sets.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

struct NewSetFixture : StoreFixture {
    /// Returns the error that publishing throws.
    static Errc failure(store::NewSet& set, store::Manifest manifest, std::stop_token stop = {}) {
        try {
            set.publish(std::move(manifest), stop);
        } catch (const Error& error) {
            INFO(error.what());
            return error.code();
        }
        FAIL("it was published");
        return Errc::internal;
    }

    void check_nothing_is_visible() const {
        CHECK(staging.list().empty());
        CHECK(names_in(staging.media()).empty());
    }
};

}  // namespace

TEST_CASE_METHOD(NewSetFixture, "a published set is complete, private, and leaves nothing behind") {
    const auto manifest = publish(first);
    CHECK(names_in(staging.set(first)) == Names{"RESTORE.md", "SHA256SUMS", "database.dump.zst",
                                                "manifest.json", "media.index.zst"});
    CHECK(names_in(staging.media()) == Names{first + "-0001.tar"});
    CHECK(names_in(staging.partial()).empty());
    CHECK(to_json(staging.manifest(first)) == to_json(manifest));
    CHECK(manifest.artifacts.size() == 3);
    CHECK(store::verify(staging, first, {}, {}).problems.empty());
    for (const auto& entry : fs::recursive_directory_iterator(staging.root())) {
        struct stat status {};
        REQUIRE(::stat(entry.path().c_str(), &status) == 0);
        CAPTURE(entry.path());
        CHECK((status.st_mode & 0777) == (S_ISDIR(status.st_mode) ? 0700 : 0600));
    }
}

TEST_CASE_METHOD(NewSetFixture, "sha256sum agrees with SHA256SUMS, packs included") {
    publish(first);
    Command command{.argv = {"env", "-C", staging.set(first), "sha256sum", "--check", "--strict",
                             "SHA256SUMS"}};
    const auto finished = run(command);
    CHECK(finished.ok());
    CHECK(finished.output.find("../../media/" + first + "-0001.tar: OK") != std::string::npos);
    write(staging.media() / (first + "-0001.tar"), "changed");
    CHECK_FALSE(run(command).ok());
}

TEST_CASE_METHOD(NewSetFixture, "a set whose manifest would not be read again is not published") {
    store::NewSet set(staging, first);
    store::Manifest manifest;
    manifest.set = first;
    manifest.media.excluded = {std::string(std::size_t{17} << 20, 'x')};
    CHECK(failure(set, manifest) == Errc::staging);
    check_nothing_is_visible();
}

TEST_CASE_METHOD(NewSetFixture, "a set that is not published is removed with its packs") {
    {
        store::NewSet set(staging, first);
        add_artifact(set, "database.dump.zst", "dump");
        add_pack(set, "0001", "pack");
    }
    CHECK(names_in(staging.partial()).empty());
    check_nothing_is_visible();
}

TEST_CASE_METHOD(NewSetFixture, "an artifact that reads differently is not published") {
    store::NewSet set(staging, first);
    add_artifact(set, "database.dump.zst", "dump");
    SECTION("longer") {
        write(set.directory() / "database.dump.zst", "dump and more");
    }
    SECTION("shorter") {
        write(set.directory() / "database.dump.zst", "");
    }
    SECTION("changed") {
        write(set.directory() / "database.dump.zst", "dumb");
    }
    SECTION("gone") {
        fs::remove(set.directory() / "database.dump.zst");
    }
    CHECK(failure(set, manifest(first)) == Errc::corrupt);
    check_nothing_is_visible();
}

TEST_CASE_METHOD(NewSetFixture, "a pack that reads differently, or is nowhere, stops publication") {
    store::NewSet set(staging, first);
    const auto good = add_pack(set, "0001", "good");
    auto bad = add_pack(set, "0002", "bad");
    SECTION("changed") {
        bad.sha256 = digest("other");
    }
    SECTION("another size") {
        bad.size = Bytes{1};
    }
    SECTION("nowhere") {
        bad.name = "20261119T030000Z-0001.tar";
    }
    CHECK(failure(set, manifest(first, {good, bad})) == Errc::corrupt);
    check_nothing_is_visible();
}

TEST_CASE_METHOD(NewSetFixture, "an older pack has to be in media with its size") {
    auto old = publish(first).media.packs;
    SECTION("truncated") {
        write(staging.media() / old[0].name, "");
    }
    SECTION("gone") {
        fs::remove(staging.media() / old[0].name);
    }
    store::NewSet set(staging, second);
    CHECK(failure(set, manifest(second, old)) == Errc::corrupt);
    CHECK(staging.list() == Names{first});
}

TEST_CASE_METHOD(NewSetFixture, "packs that were moved are moved back when publication fails") {
    store::NewSet set(staging, first);
    const auto one = add_pack(set, "0001", "one");
    const auto two = add_pack(set, "0002", "two");
    SECTION("at the next pack, whose place is taken") {
        write(staging.media() / two.name, "somebody else's");
        CHECK(failure(set, manifest(first, {one, two})) == Errc::staging);
        CHECK(names_in(staging.media()) == Names{two.name});
        CHECK(read(staging.media() / two.name) == "somebody else's");
    }
    SECTION("at the set") {
        write(staging.set(first) / "x", "somebody else's");
        CHECK(failure(set, manifest(first, {one, two})) == Errc::staging);
        CHECK(names_in(staging.media()).empty());
        CHECK(names_in(staging.set(first)) == Names{"x"});
    }
}

TEST_CASE_METHOD(NewSetFixture, "a pack that the manifest does not name is not published") {
    store::NewSet set(staging, first);
    const auto used = add_pack(set, "0001", "used");
    add_pack(set, "0002", "superseded");
    set.publish(manifest(first, {used}), {});
    CHECK(names_in(staging.media()) == Names{used.name});
}

TEST_CASE_METHOD(NewSetFixture, "cancelling publishes nothing") {
    std::stop_source stop;
    stop.request_stop();
    store::NewSet set(staging, first);
    const auto pack = add_pack(set, "0001", "pack");
    CHECK(failure(set, manifest(first, {pack}), stop.get_token()) == Errc::cancelled);
    check_nothing_is_visible();
}

TEST_CASE_METHOD(NewSetFixture, "two sets of one name are refused, and wrong names, too") {
    publish(first);
    CHECK_THROWS_AS(store::NewSet(staging, first), Error);
    CHECK_THROWS_AS(store::NewSet(staging, "../x"), Error);
    store::NewSet set(staging, second);
    CHECK_THROWS_AS(store::NewSet(staging, second), Error);
    CHECK(fs::exists(set.directory()));
    CHECK_THROWS_AS(set.add({"../x", {}, {}}), Error);
    CHECK(failure(set, manifest(first)) == Errc::internal);
}
