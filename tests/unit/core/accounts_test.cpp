// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/accounts.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;

TEST_CASE("users and groups are found by name and by number") {
    const auto root = account_named("root");
    REQUIRE(root);
    CHECK(root->user == 0);
    CHECK(root->home == "/root");
    CHECK(account_of(0)->name == "root");
    CHECK(user_name(0) == "root");
    CHECK(group_named("root") == gid_t{0});
    CHECK(group_name(0) == "root");
    CHECK(std::ranges::count(groups_of(*root), gid_t{0}) == 1);
}

TEST_CASE("what this host does not know has neither a name nor a number") {
    constexpr auto unknown = std::numeric_limits<uid_t>::max() - 7;
    CHECK_FALSE(account_named("no-such-user"));
    CHECK_FALSE(account_named(""));
    CHECK_FALSE(account_of(unknown));
    CHECK_FALSE(group_named("no-such-group"));
    CHECK_FALSE(group_name(unknown));
    CHECK(user_name(unknown) == std::to_string(unknown));
}

TEST_CASE("a group with thousands of members is found") {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "group";
    std::ofstream text(file);
    text << "root:x:0:\nlarge:x:4711:";
    for (int i = 0; i < 5000; ++i) text << (i ? "," : "") << "member" << i;
    text << "\nlast:x:4712:\n";
    text.close();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool ready = ::unshare(CLONE_NEWNS) == 0 &&
                           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           ::mount(file.c_str(), "/etc/group", nullptr, MS_BIND, nullptr) == 0;
        if (!ready) ::_exit(2);
        ::_exit(group_named("large") == gid_t{4711} && group_name(4711) == "large" ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
