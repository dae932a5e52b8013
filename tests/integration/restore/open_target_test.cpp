// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/open_target.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using restore::IfMissing;
using restore::open_target;
namespace fs = std::filesystem;

namespace {

constexpr uid_t user = 65534;

/// A tree in which an unprivileged user owns home/live, root owns roots, and another user owns
/// others.
struct Tree : test::TemporaryDirectory {
    Tree() {
        fs::permissions(path(), fs::perms(0755));
        for (const auto* name : {"home", "home/live", "home/live/public", "roots", "others"})
            fs::create_directory(path() / name);
        for (const auto* name : {"home/live", "home/live/public"}) give(name, user);
        give("others", 4321);
    }
    void give(const std::string& name, uid_t owner) const {
        REQUIRE(::lchown((path() / name).c_str(), owner, owner) == 0);
    }
    void link(const std::string& name, const std::string& target, uid_t owner) const {
        fs::create_symlink(path() / target, path() / name);
        give(name, owner);
    }
    bool refuses(const std::string& name) const {
        int refused = 0;
        for (const auto if_missing : {IfMissing::leave, IfMissing::make}) try {
                open_target(path() / name, if_missing);
            } catch (const Error& error) {
                CHECK(error.text().find('\n') == std::string::npos);
                ++refused;
            }
        // Once before Mastodon is stopped, and once afterwards.
        CHECK(refused % 2 == 0);
        return refused == 2;
    }
};

}  // namespace

TEST_CASE_METHOD(Tree, "a user's directory is worked in with that user's rights") {
    const auto opened = open_target(path() / "home/live/public/system", IfMissing::make);
    CHECK(opened.made);
    REQUIRE(opened.rights);
    CHECK(opened.rights->user == user);
    struct stat status {};
    REQUIRE(::fstat(opened.fd.get(), &status) == 0);
    CHECK(status.st_uid == user);
    CHECK_FALSE(open_target(path() / "roots/new", IfMissing::make).rights);
    CHECK_FALSE(open_target(path() / "roots/missing", IfMissing::leave).fd);
    CHECK_FALSE(fs::exists(path() / "roots/missing"));
}

TEST_CASE_METHOD(Tree, "a user's directory leads root to no directory of another") {
    link("home/live/to-root", "roots", user);
    link("home/live/to-other", "others", user);
    fs::create_directory(path() / "home/live/of-root");
    CHECK(refuses("home/live/to-root"));
    CHECK(refuses("home/live/to-root/system"));
    CHECK(refuses("home/live/to-other/a/b"));
    CHECK(refuses("home/live/of-root"));
    CHECK(refuses("home/live/of-root/system"));
    CHECK(fs::is_empty(path() / "roots"));
    // A symlink to a directory of the same user is followed.
    link("home/live/own", "home/live/public", user);
    CHECK_FALSE(refuses("home/live/own/system"));
    CHECK(fs::exists(path() / "home/live/public/system"));
}

TEST_CASE_METHOD(Tree, "a symlink of root's is followed, one of another user's beside it is not") {
    link("good", "roots", 0);
    link("bad", "roots", user);
    CHECK_FALSE(refuses("good/system"));
    CHECK(refuses("bad/system"));
    CHECK(fs::exists(path() / "roots/system"));
}

TEST_CASE_METHOD(Tree, "a directory for secrets is ours, closed, and behind no user's symlink") {
    CHECK(restore::open_private_target(path() / "home/live/new"));
    CHECK((fs::status(path() / "home/live/new").permissions() & fs::perms(0777)) ==
          fs::perms(0700));
    CHECK(restore::open_private_target(path() / "home/live/new"));
    link("home/live/link", "roots", user);
    fs::create_directory(path() / "open");
    fs::permissions(path() / "open", fs::perms(0755));
    for (const auto* name : {"home/live/link", "home/live/link/new", "home/live/public", "open"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(restore::open_private_target(path() / name), Error);
    }
    CHECK(fs::is_empty(path() / "roots"));
}
