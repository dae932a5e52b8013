// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/led.hpp"

#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "core/files/open.hpp"
#include "core/files/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
namespace fs = std::filesystem;

namespace {

/// A directory that user `nobody` owns, and files that root owns beside it.
struct Led {
    test::TemporaryDirectory directory;
    fs::path home = directory / "home";

    Led() {
        fs::permissions(directory.path(), fs::perms(0755));
        fs::create_directory(home);
        write("open", 0644);
        write("secret", 0600);
        fs::create_directory(directory / "closed");
        write("closed/open", 0644);
        fs::permissions(directory / "closed", fs::perms(0700));
    }
    void write(const std::string& name, mode_t mode) const {
        test::write(directory / name, name);
        ::chmod((directory / name).c_str(), mode);
    }
    /// \param owner owner of the link
    fs::path link(const std::string& name, const fs::path& target, uid_t owner) const {
        fs::create_symlink(target, home / name);
        REQUIRE(::lchown((home / name).c_str(), owner, owner) == 0);
        return home / name;
    }
    /// Gives a file an ACL, of which the mode shows the mask.
    bool set_acl(const std::string& name, const std::vector<posix_acl_xattr_entry>& acl) const {
        std::string bytes{2, 0, 0, 0};
        bytes[0] = POSIX_ACL_XATTR_VERSION;
        bytes.append(reinterpret_cast<const char*>(acl.data()), acl.size() * sizeof acl[0]);
        return ::setxattr((directory / name).c_str(), "system.posix_acl_access", bytes.data(),
                          bytes.size(), 0) == 0;
    }
    static bool is_fair(const fs::path& path) {
        const auto fd = open_regular(path);
        try {
            return is_led_fairly(fd.get(), path, Errc::environment);
        } catch (const Error&) {
            return false;
        }
    }
};

constexpr uid_t nobody = 65534;

}  // namespace

TEST_CASE_METHOD(Led, "a symlink leads only to what its owner may read") {
    if (::geteuid() != 0) return;
    CHECK(is_fair(directory / "secret"));
    CHECK(is_fair(link("a", "../open", nobody)));
    CHECK_FALSE(is_fair(link("b", "../secret", nobody)));
    CHECK_FALSE(is_fair(link("c", directory / "closed/open", nobody)));
    CHECK(is_fair(link("d", "../secret", 0)));
    // Through another link, and through a link to a directory.
    CHECK_FALSE(is_fair(link("e", "b", 0)));
    link("f", "..", nobody);
    CHECK_FALSE(is_fair(home / "f/secret"));
    CHECK(is_fair(home / "f/open"));
}

TEST_CASE_METHOD(Led, "an ACL counts, and not its mask") {
    if (::geteuid() != 0) return;
    constexpr std::uint32_t none = ACL_UNDEFINED_ID;
    const auto acl_of = [](std::uint16_t group, std::vector<posix_acl_xattr_entry> named,
                           std::uint16_t other) {
        std::vector<posix_acl_xattr_entry> acl{{ACL_USER_OBJ, 6, none}};
        std::ranges::copy_if(named, std::back_inserter(acl),
                             [](const auto& entry) { return entry.e_tag == ACL_USER; });
        acl.push_back({ACL_GROUP_OBJ, group, none});
        std::ranges::copy_if(named, std::back_inserter(acl),
                             [](const auto& entry) { return entry.e_tag == ACL_GROUP; });
        acl.insert(acl.end(), {{ACL_MASK, 4, none}, {ACL_OTHER, other, none}});
        return acl;
    };
    REQUIRE(::chown((directory / "secret").c_str(), 0, nobody) == 0);
    const auto path = link("a", "../secret", nobody);
    // The file is of the group of the user; the mode is 0640 each time but the last two.
    if (!set_acl("secret", acl_of(0, {{ACL_USER, 4, 1}}, 0))) return;  // no ACLs here
    CHECK_FALSE(is_fair(path));
    REQUIRE(set_acl("secret", acl_of(4, {{ACL_USER, 4, 1}}, 0)));
    CHECK(is_fair(path));
    REQUIRE(set_acl("secret", acl_of(0, {{ACL_USER, 4, nobody}}, 0)));
    CHECK(is_fair(path));
    REQUIRE(set_acl("secret", acl_of(0, {{ACL_GROUP, 4, nobody}}, 0)));
    CHECK(is_fair(path));
    // The right to execute is outside of the mask.
    REQUIRE(set_acl("secret", acl_of(1, {{ACL_GROUP, 1, nobody}}, 0)));
    CHECK_FALSE(is_fair(path));
    // The rights of all others do not count for users and groups that the ACL names.
    REQUIRE(set_acl("secret", acl_of(4, {{ACL_USER, 0, nobody}}, 4)));
    CHECK_FALSE(is_fair(path));
    REQUIRE(set_acl("secret", acl_of(0, {}, 4)));
    CHECK_FALSE(is_fair(path));
}

// The user exchanges a directory with a symlink, so that the path is opened through the symlink and
// then checked through the directory.
TEST_CASE_METHOD(Led, "a directory that is exchanged again and again leads nowhere else") {
    if (::geteuid() != 0) return;
    fs::create_directory(directory / "hidden");
    write("hidden/file", 0600);
    fs::create_directory(home / "d");
    test::write(home / "d/file", "own");
    const auto link_to_hidden = link("l", "../hidden", nobody);
    std::jthread exchange([&](const std::stop_token& stop) {
        while (!stop.stop_requested())
            ::renameat2(AT_FDCWD, (home / "d").c_str(), AT_FDCWD, link_to_hidden.c_str(),
                        RENAME_EXCHANGE);
    });
    struct stat secret {};
    REQUIRE(::stat((directory / "hidden/file").c_str(), &secret) == 0);
    const auto path = home / "d/file";
    int wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat opened {};
        if (!fd || ::fstat(fd.get(), &opened) != 0 || opened.st_ino != secret.st_ino) continue;
        try {
            wrong += is_led_fairly(fd.get(), path, Errc::environment) ? 1 : 0;
        } catch (const Error&) {
            // The symlink was found.
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE_METHOD(Led, "the user who can change a path owns something on the way") {
    if (::geteuid() != 0) return;
    CHECK(owner_on_way(directory / "secret") == 0u);
    CHECK(owner_on_way(link("a", "../secret", nobody)) == nobody);
    REQUIRE(::chown(home.c_str(), nobody, nobody) == 0);
    test::write(home / "x", "x");
    CHECK(owner_on_way(home / "x") == nobody);
    CHECK(owner_on_way(home / "../secret") == nobody);
    CHECK(owner_on_way(home / "missing") == std::nullopt);
}

TEST_CASE_METHOD(Led, "a file that is another one by now is not what the path leads to") {
    const auto path = directory / "open";
    const auto fd = open_regular(path);
    fs::remove(path);
    write("open", 0644);
    CHECK_FALSE(is_led_fairly(fd.get(), path, Errc::environment));
}

TEST_CASE_METHOD(Led, "nothing is read through a symlink beneath a directory of ours") {
    link("x", "../secret", nobody);
    CHECK_THROWS_AS(read_beneath(directory.path(), "home/x"), Error);
    CHECK_THROWS_AS(read_beneath(directory.path(), "../x"), Error);
    CHECK(read_beneath(directory.path(), "open") == "open");
    fs::create_directory_symlink(directory.path(), home / "root");
    CHECK(read_beneath(home / "root", "open") == "open");
}
