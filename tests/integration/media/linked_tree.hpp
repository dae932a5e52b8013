// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/mount.h>
#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "media_fixture.hpp"
#include "support/catch.hpp"

namespace mastobak::test {

/// A bind mount; without a source, an empty tmpfs.
class Mount {
 public:
    Mount(const std::filesystem::path& from, const std::filesystem::path& at) : at_(at) {
        const int failed = from.empty()
                               ? ::mount("none", at.c_str(), "tmpfs", 0, "size=1m")
                               : ::mount(from.c_str(), at.c_str(), nullptr, MS_BIND, nullptr);
        REQUIRE(failed == 0);
    }
    ~Mount() { ::umount2(at_.c_str(), MNT_DETACH); }
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;

 private:
    std::filesystem::path at_;
};

/// A tree that user mastodon owns, and a directory on "another disk" that also belongs to it.
struct LinkedTree : MediaFixture {
    static constexpr uid_t mastodon = 990;
    std::filesystem::path disk = directory / "disk";

    LinkedTree() {
        add("accounts/a", "account");
        write(disk / "files/1/b", "on another disk");
        give(root, mastodon);
        give(disk, mastodon);
    }
    static void give(const std::filesystem::path& path, uid_t user) {
        REQUIRE(::lchown(path.c_str(), user, user) == 0);
        if (std::filesystem::is_symlink(path) || !std::filesystem::is_directory(path)) return;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
            REQUIRE(::lchown(entry.path().c_str(), user, user) == 0);
    }
    void link(const std::filesystem::path& target, const std::string& path, uid_t user = 0) {
        std::filesystem::create_directory_symlink(target, root / path);
        give(root / path, user);
    }
};

}  // namespace mastobak::test
