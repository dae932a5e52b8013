// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/led.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "core/open.hpp"
#include "core/unique_fd.hpp"
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
