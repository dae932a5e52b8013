// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.hpp"
#include "offsite/object_name.hpp"
#include "offsite/objects_of_set.hpp"
#include "offsite/worker.hpp"
#include "support/catch.hpp"
#include "support/staged_set.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using mastobak::offsite::objects_of_set;

namespace {
const std::string set = "20261122T030000Z";
}

TEST_CASE("packs come first, then the set's files, the manifest last") {
    const TemporaryDirectory staging;
    const std::vector<std::string> packs{"20261121T030000Z-0001.tar", "20261122T030000Z-0001.tar"};
    stage_set(staging.path(), set, packs);
    const auto objects = objects_of_set(staging.path(), set);
    std::vector<std::string> names;
    for (const auto& object : objects) {
        names.push_back(object.name);
        CHECK(object.file == staging / object.name);
        CHECK(object.size.count == file_size(object.file));
        CHECK(object.sha256 == sha256_of_file(object.file));
    }
    CHECK(names == names_in_order(set, packs));
}

TEST_CASE("a manifest that is damaged or leads elsewhere is refused") {
    const TemporaryDirectory staging;
    stage_set(staging.path(), set, {});
    const auto text = GENERATE(
        "", "{}", R"({"artifacts": [], "media": {}})",
        R"({"artifacts": [{"name": "../x", "size": 1, "sha256": ""}], "media": {"packs": []}})",
        R"({"artifacts": [{"name": "a/b", "size": 1, "sha256": ""}], "media": {"packs": []}})",
        R"({"artifacts": [{"name": "a", "size": "1", "sha256": ""}], "media": {"packs": []}})",
        R"({"artifacts": [{"name": "a", "size": 1, "sha256": "00"}], "media": {"packs": []}})");
    write(staging / "sets" / set / "manifest.json", text);
    try {
        objects_of_set(staging.path(), set);
        FAIL("it was taken");
    } catch (const Error& e) {
        INFO(e.what());
        CHECK(e.code() == Errc::corrupt);
    }
}

TEST_CASE("a list that changed after the set was published is not uploaded") {
    const TemporaryDirectory staging;
    stage_set(staging.path(), set, {"20261122T030000Z-0001.tar"});
    const auto directory = staging / "sets" / set;
    SECTION("the manifest") {
        write(directory / "manifest.json", read(directory / "manifest.json") + " ");
    }
    SECTION("a digest of the sums") {
        auto text = read(directory / "SHA256SUMS");
        text[0] = text[0] == '0' ? '1' : '0';
        write(directory / "SHA256SUMS", text);
    }
    SECTION("a line of the sums") {
        const auto text = read(directory / "SHA256SUMS");
        write(directory / "SHA256SUMS", text.substr(text.find('\n') + 1));
    }
    try {
        objects_of_set(staging.path(), set);
        FAIL("it was taken");
    } catch (const Error& e) {
        CHECK(e.code() == Errc::corrupt);
        CHECK(e.text().find("SHA256SUMS") != std::string::npos);
    }
}

TEST_CASE("a set without its lists cannot be uploaded") {
    const TemporaryDirectory staging;
    stage_set(staging.path(), set, {});
    std::filesystem::remove(staging / "sets" / set / "SHA256SUMS");
    CHECK_THROWS_AS(objects_of_set(staging.path(), set), Error);
    CHECK_THROWS_AS(objects_of_set(staging.path(), "20000101T000000Z"), Error);
}

TEST_CASE("names are split at their last slash and put below targets") {
    const auto split = offsite::split_name("sets/S/manifest.json");
    CHECK(split.directory == "sets/S");
    CHECK(split.leaf == "manifest.json");
    CHECK(offsite::split_name("x").directory.empty());
    CHECK(offsite::below("b2:bucket", "media") == "b2:bucket/media");
    CHECK(offsite::below("b2:bucket/", "media") == "b2:bucket/media");
    CHECK(offsite::below("secret:", "media") == "secret:media");
    CHECK(offsite::below("secret:", "") == "secret:");
}
