// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;

TEST_CASE("work is another user's, with its children, and nothing else is") {
    std::string child;
    run_as_user("nobody", [&child] {
        child = run({.argv = {"id", "-un"}}).output + run({.argv = {"id", "-Gn"}}).output;
    });
    CHECK(child == "nobody\nnogroup\n");
    CHECK(::geteuid() == 0);
    CHECK(run({.argv = {"id", "-un"}}).output == "root\n");
}

TEST_CASE("what fails as another user, and a user that is not there, are told") {
    CHECK_THROWS_AS(run_as_user("nobody", [] { throw std::logic_error("x"); }), std::logic_error);
    try {
        run_as_user("no such user", [] {});
        FAIL("it was somebody");
    } catch (const Error& error) {
        CHECK(error.text() == "there is no user 'no such user' on this host");
    }
}

TEST_CASE("files are another user's as long as its rights are taken on, and no longer") {
    const test::TemporaryDirectory directory;
    const auto* nobody = ::getpwnam("nobody");
    REQUIRE(nobody != nullptr);
    std::filesystem::create_directory(directory / "theirs");
    give_to_user(directory / "theirs", "nobody");
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    test::write(directory / "ours", "secret");
    std::filesystem::permissions(directory / "ours", std::filesystem::perms(0600));
    {
        const WithRightsOf rights(rights_of(nobody->pw_uid, nobody->pw_gid));
        CHECK_FALSE(has_all_file_rights());
        CHECK(::open((directory / "ours").c_str(), O_RDONLY | O_CLOEXEC) < 0);
        CHECK(::mkdir((directory / "new").c_str(), 0755) < 0);
        test::write(directory / "theirs/file", "x");
        {
            const WithRightsOf again(rights_of(0, 0));
            CHECK(has_all_file_rights());
            CHECK(test::read(directory / "ours") == "secret");
        }
        CHECK_FALSE(has_all_file_rights());
    }
    CHECK(has_all_file_rights());
    CHECK(test::read(directory / "ours") == "secret");
    struct stat status {};
    REQUIRE(::stat((directory / "theirs/file").c_str(), &status) == 0);
    CHECK(status.st_uid == nobody->pw_uid);
    const auto owner = WithRightsOf::owner_of(directory / "theirs");
    CHECK_FALSE(has_all_file_rights());
}
