// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/staging.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"
#include "unit/store/three_sets.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

mode_t mode_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE_METHOD(StoreFixture, "an empty staging directory has no sets") {
    CHECK(staging.list().empty());
    CHECK_FALSE(staging.latest());
    CHECK(store::Staging(directory / "not-there").list().empty());
    CHECK(mode_of(staging.root()) == 0700);
    staging.prepare();
}

TEST_CASE_METHOD(StoreFixture, "sets are listed by time, and nothing else is taken for one") {
    publish(second);
    publish(first);
    fs::create_directory(staging.sets() / "20261122T030000Z.tmp");
    fs::create_directory(staging.sets() / "lost+found");
    write(staging.sets() / third, "a file");
    fs::create_directory_symlink(staging.set(first), staging.sets() / "20261123T030000Z");
    CHECK(staging.list() == Names{first, second});
    CHECK(staging.latest() == second);
    CHECK(staging.manifest(first).set == first);
}

TEST_CASE_METHOD(StoreFixture, "a name is taken by a set, and by packs of a run that had it") {
    publish(first);
    CHECK(staging.has_name(first));
    CHECK_FALSE(staging.has_name(second));
    // Packs of a killed run. A later set uses them, or may use them.
    for (const auto& place : {staging.media(), staging.away(), staging.unfinished()}) {
        const auto pack = place / (second + "-0001.tar");
        write(pack, "");
        CHECK(staging.has_name(second));
        CHECK_FALSE(staging.has_name(third));
        fs::remove(pack);
    }
    CHECK_FALSE(staging.has_name(second));
}

TEST_CASE_METHOD(StoreFixture, "a manifest under another set's name is corrupt") {
    publish(first);
    fs::rename(staging.set(first), staging.set(second));
    CHECK_THROWS_AS(staging.manifest(second), Error);
    CHECK_THROWS_AS(staging.manifest(third), Error);
}

TEST_CASE_METHOD(StoreFixture, "clean removes what an interrupted run left, and only that") {
    const auto old = publish(first);
    write(staging.partial() / third / "database.dump.zst", "half");
    write(staging.partial() / (third + "-media") / (third + "-0001.tar"), "half");
    write(staging.media() / (third + "-0001.tar"), "moved, but its set was not");
    write(staging.media() / "README", "not ours");
    const auto removed = staging.clean();
    CHECK(removed.size() == 3);
    CHECK(names_in(staging.partial()).empty());
    CHECK(names_in(staging.media()) == Names{first + "-0001.tar", "README"});
    CHECK(staging.clean().empty());
    CHECK(store::verify(staging, first, {}, {}).problems.empty());
}

TEST_CASE_METHOD(StoreFixture, "clean keeps packs whose own set is gone but that others need") {
    const auto old = publish(first);
    publish(second, old.media.packs);
    fs::remove_all(staging.set(first));
    CHECK(staging.clean().empty());
    CHECK(store::verify(staging, second, {}, {}).problems.empty());
    fs::remove_all(staging.set(second));
    CHECK(staging.clean().size() == 2);
}

TEST_CASE_METHOD(StoreFixture, "clean keeps all packs when a manifest cannot be read") {
    const auto old = publish(first);
    publish(second, old.media.packs);
    fs::remove_all(staging.set(first));
    write(staging.set(second) / "manifest.json", "damaged");
    write(staging.partial() / "x", "left");
    CHECK(staging.clean() == Names{"partial/x"});
    CHECK(names_in(staging.media()).size() == 2);
}

TEST_CASE_METHOD(StoreFixture, "a second run is told who holds the lock") {
    auto held = store::lock(staging);
    try {
        store::lock(staging);
        FAIL("the lock was given twice");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::busy);
        CHECK(error.text().find(std::to_string(::getpid())) != std::string::npos);
    }
    held.reset();
    CHECK(store::lock(staging));
}

TEST_CASE_METHOD(StoreFixture, "a lock dies with the process that held it") {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const auto child = ::fork();
    if (child == 0) {
        const auto held = store::lock(staging);
        [[maybe_unused]] const auto n = ::write(ready[1], "x", 1);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    CHECK_THROWS_AS(store::lock(staging), Error);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(store::lock(staging));
    ::close(ready[0]);
    ::close(ready[1]);
}
