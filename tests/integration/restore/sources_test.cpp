// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config.hpp"
#include "core/error.hpp"
#include "restore/source/find_source.hpp"
#include "restore/source/remote_packs.hpp"
#include "restore/source/set_source.hpp"
#include "restore_fixture.hpp"
#include "support/catch.hpp"
#include "support/s3_stand_in.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

struct SourceFixture : RestoreFixture {
    config::Config config;
    SourceFixture() { config.staging.path = staging.root(); }

    /// A copy of staging, like that of a remote of type `directory`.
    config::Remote copy() const {
        const auto place = directory / "remote";
        fs::create_directory(place);
        fs::copy(staging.sets(), place / "sets", fs::copy_options::recursive);
        fs::copy(staging.media(), place / "media", fs::copy_options::recursive);
        config::Remote remote;
        remote.name = "disk";
        remote.type = config::RemoteType::directory;
        remote.target = place;
        return remote;
    }
    std::unique_ptr<restore::SetSource> source(const std::string& from) const {
        return restore::find_source(config, from, directory / "scratch-of-source");
    }
    /// Restores all files of a source.
    restore::MediaReport restore_from(restore::SetSource& source) const {
        const auto manifest = source.manifest(set, {});
        auto wanted = options();
        wanted.index = source.artifact(manifest, "media.index.zst", {});
        const auto packs = source.packs({});
        return restore::restore_media(wanted, *packs, {}, {});
    }
    Errc code(const std::function<void()>& call) const {
        try {
            call();
        } catch (const Error& error) {
            INFO(error.what());
            return error.code();
        }
        FAIL("no error");
        return Errc::internal;
    }
};

}  // namespace

TEST_CASE_METHOD(SourceFixture, "sets are found in staging, in a directory, and at a remote") {
    config.offsite = {copy()};
    const auto remote = (directory / "remote").native();
    for (const auto& from : {std::string(), std::string("disk"), remote}) {
        INFO(from);
        const auto place = source(from);
        CHECK(place->list({}) == std::vector<std::string>{set});
        CHECK(restore::find_set(*place, "latest", {}) == set);
        CHECK(code([&] { restore::find_set(*place, "20200101T000000Z", {}); }) == Errc::usage);
        fs::remove_all(target);
        CHECK(restore_from(*place).problem_count == 0);
        CHECK(differences(target) == "");
    }
}

TEST_CASE_METHOD(SourceFixture,
                 "a place without sets, and a path that is not a place, are errors") {
    CHECK(code([&] { source("nowhere"); }) == Errc::usage);
    CHECK(code([&] { source((directory / "nowhere").native()); }) == Errc::usage);
    fs::remove_all(staging.sets());
    fs::create_directory(staging.sets());
    CHECK(code([&] { restore::find_set(*source(""), "latest", {}); }) == Errc::usage);
}

TEST_CASE_METHOD(SourceFixture, "without a place, remotes come after staging, in their order") {
    auto disk = copy(), gone = disk;
    gone.name = "gone";
    gone.mounted = true;  // but it is not: the remote is out of reach
    config.offsite = {gone, disk};
    const auto scratch = directory / "scratch-of-source";
    const auto find = [&](const std::string& wanted, const std::string& before = "") {
        return restore::find_set_anywhere(config, "", wanted, before, scratch, {});
    };
    CHECK(find("latest").source->name() == source("")->name());
    CHECK(find("latest").passed_over.empty());
    fs::remove_all(staging.sets() / set);
    const auto found = find("latest");
    CHECK(found.name == set);
    CHECK(found.source->name() == "remote 'disk'");
    REQUIRE(found.passed_over.size() == 2);
    CHECK(found.passed_over[0].starts_with("there is no backup set in '"));
    CHECK(find("", "2100-01-01").name == set);
    CHECK(code([&] { find("20000101T000000Z"); }) == Errc::usage);
    CHECK(code([&] { find("", "2000-01-01"); }) == Errc::usage);
}

TEST_CASE_METHOD(SourceFixture, "the remote with the newest set is found among several") {
    const auto old = copy();
    auto newer = old, gone = old;
    newer.name = "newer";
    newer.target = directory / "newer";
    fs::copy(old.target, newer.target, fs::copy_options::recursive);
    const std::string name = "20301122T030000Z";
    fs::rename(fs::path(newer.target) / "sets" / set, fs::path(newer.target) / "sets" / name);
    gone.name = "gone";
    gone.mounted = true;  // but it is not: the remote is out of reach
    const auto find = [&](const std::string& wanted) {
        return restore::find_newest_off_site(config, wanted, directory / "scratch-of-source", {});
    };
    config.offsite = {gone, old, newer};
    CHECK(find("latest")->source->name() == "remote 'newer'");
    CHECK(find(set)->source->name() == "remote 'disk'");
    config.offsite = {newer, old};
    CHECK(find("latest")->name == name);
    config.offsite = {gone};
    CHECK(code([&] { find("latest"); }) == Errc::offsite);
    config.offsite = {};
    CHECK_FALSE(find("latest"));
}

TEST_CASE_METHOD(SourceFixture, "packs that staging has sent away come from the remotes") {
    config.offsite = {copy()};
    for (const auto& pack : fs::directory_iterator(staging.media()))
        if (pack.path().filename() != set + "-0001.tar") fs::remove(pack.path());
    const auto place = source("");
    CHECK(restore_from(*place).problem_count == 0);
    CHECK(differences(target) == "");
}

TEST_CASE_METHOD(SourceFixture, "a damaged manifest or index is not believed, wherever it is") {
    config.offsite = {copy()};
    for (const auto& [from, root] :
         {std::pair<std::string, fs::path>{"", staging.root()}, {"disk", directory / "remote"}}) {
        INFO(from);
        const auto sets = root / "sets" / set;
        const auto place = source(from);
        const auto manifest = place->manifest(set, {});
        auto index = read(sets / "media.index.zst");
        index[index.size() / 2] ^= 1;
        write(sets / "media.index.zst", index);
        CHECK(code([&] { place->artifact(manifest, "media.index.zst", {}); }) == Errc::corrupt);
        CHECK(code([&] { place->artifact(manifest, "nothing", {}); }) == Errc::corrupt);
        write(sets / "manifest.json", read(sets / "manifest.json") + " ");
        CHECK(code([&] { place->manifest(set, {}); }) == Errc::corrupt);
    }
}

TEST_CASE_METHOD(SourceFixture, "a set in the directory of another is not taken for it") {
    config.offsite = {copy()};
    const std::string other = "20300101T000000Z";
    for (const auto& sets : {staging.sets(), directory / "remote/sets"})
        fs::copy(sets / set, sets / other, fs::copy_options::recursive);
    for (const auto* from : {"", "disk"}) {
        const auto place = source(from);
        CHECK(code([&] { place->manifest(other, {}); }) == Errc::corrupt);
        CHECK(place->manifest(set, {}).set == set);
    }
}

TEST_CASE_METHOD(SourceFixture, "a pack that the remote lacks costs its files alone") {
    config.offsite = {copy()};
    fs::remove(directory / "remote/media" / entry("first/file").pack);
    const auto report = restore_from(*source("disk"));
    CHECK(report.problem_count > 0);
    CHECK(report.files > 0);
}

TEST_CASE_METHOD(SourceFixture, "a file from an object store costs about its own size") {
    write(media / "before", std::string(3 << 20, 'b'));
    write(media / "one.jpg", std::string(200 << 10, 'o'));
    write(media / "two", std::string(3 << 20, 't'));
    set = "20261122T030000Z";
    publish(set);
    S3StandIn store;
    config.offsite = {sent_to(store)};
    const auto place = source("s3");
    const auto manifest = place->manifest(restore::find_set(*place, "latest", {}), {});
    auto wanted = options({"one.jpg"});
    wanted.index = place->artifact(manifest, "media.index.zst", {});
    const auto packs = place->packs({});
    const auto report = restore::restore_media(wanted, *packs, {}, {});
    CHECK(report.files == 1);
    CHECK(read(target / "one.jpg") == std::string(200 << 10, 'o'));
    CHECK(packs->fetched().count > 200 << 10);
    CHECK(packs->fetched().count < 220 << 10);
}
