// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/find_media.hpp"

#include "core/error.hpp"
#include "postgres/rows/dumped_rows.hpp"
#include "restore_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

using Paths = std::vector<std::string>;

Paths meant_by(const std::string& name) {
    return restore::media_meant_by(
        name, [](const std::string& account) { return Paths{"of " + account}; });
}

}  // namespace

TEST_CASE("a name of media is a path, an id, an account, or what a browser shows") {
    CHECK(meant_by("accounts/avatars") == Paths{"accounts/avatars"});
    CHECK(meant_by("@") == Paths{"@"});
    CHECK(meant_by("@alice") == Paths{"of alice"});
    const Paths file{"media_attachments/files/110/1/original/a b.png"};
    const std::string path = "media_attachments/files/110/1/original/a%20b.png";
    CHECK(meant_by("https://example.org/system/" + path) == file);
    CHECK(meant_by("https://files.example.org/" + path + "?x=1#y") == file);
    CHECK(meant_by("/system/" + path) == file);
    const auto of_id = meant_by("110123456789012345");
    CHECK(of_id.size() == 5);
    CHECK(of_id[0] == "110123456789012345");
    CHECK(of_id[1] == "media_attachments/files/110/123/456/789/012/345");
    CHECK(of_id[2] == "cache/media_attachments/files/110/123/456/789/012/345");
}

TEST_CASE("fields of a dump are what they were") {
    CHECK(postgres::copied_field("\\N") == std::nullopt);
    CHECK(postgres::copied_field("") == "");
    CHECK(postgres::copied_field("a\\tb\\\\n\\nc") == "a\tb\\n\nc");
    CHECK(postgres::copied_field("\\x") == "x");
}

TEST_CASE_METHOD(RestoreFixture, "a name that may mean several paths stands for those in the set") {
    const auto index = staging.set(set) / "media.index.zst";
    CHECK(restore::media_that_is_there({"nothing", "first"}, index, "x", {}) == Paths{"first"});
    try {
        restore::media_that_is_there({"nothing"}, index, "1", {});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::usage);
    }
}
