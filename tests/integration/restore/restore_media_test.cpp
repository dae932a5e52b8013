// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "restore/tree/file_beside.hpp"
#include "restore_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

struct stat status_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}

}  // namespace

TEST_CASE_METHOD(RestoreFixture, "a whole tree comes back as it was") {
    const auto report = restore();
    CHECK(report.problems == std::vector<std::string>{});
    CHECK(report.problem_count == 0);
    CHECK(report.files > 30);
    CHECK(report.links == 3);
    CHECK(report.identical == 0);
    // rsync compares contents, times, modes, owners, links, attributes and directories.
    CHECK(differences(target) == "");
    CHECK(status_of(target / "first/sparse").st_blocks <=
          status_of(media / "first/sparse").st_blocks);
}

TEST_CASE_METHOD(RestoreFixture, "a set that is spread over the packs of nights comes back") {
    write(media / "new/file", "new");
    write(media / "first/changed", "changed");
    fs::remove(media / "back\\slash");
    fs::rename(media / "new\nline", media / "first/renamed\nline\xff");
    fs::copy_file(media / "star*?[a]", media / "-copy");
    REQUIRE(::lchown((media / "-copy").c_str(), 1234, 5678) == 0);
    set = "20261122T030000Z";
    publish(set);
    REQUIRE(copies() == 2);
    CHECK(restore().problem_count == 0);
    CHECK(differences(target) == "");
}

TEST_CASE_METHOD(RestoreFixture, "what is there with the same contents is not written again") {
    const auto first = restore();
    const auto inode = status_of(target / "first/file").st_ino;
    ::utimensat(AT_FDCWD, (target / "first/file").c_str(), nullptr, 0);
    write(target / "~", "no longer what it was");
    write(target / "not in the set", "stays");
    const auto second = restore();
    CHECK(second.files == 1);
    CHECK(second.identical == first.files - 1);
    CHECK(second.links == 1);  // symlinks get their attributes again, but hard links have them
    CHECK(status_of(target / "first/file").st_ino == inode);
    CHECK(read(target / "not in the set") == "stays");
    fs::remove(target / "not in the set");
    CHECK(differences(target) == "");
}

TEST_CASE_METHOD(RestoreFixture, "a restore that was interrupted goes on where it was") {
    std::stop_source stop;
    std::atomic<int> opened = 0;
    WatchedPacks packs(staging.media(), [&](const std::string&) {
        if (++opened == 3) stop.request_stop();
    });
    auto first = options();
    first.threads = 1;
    try {
        restore::restore_media(first, packs, {}, stop.get_token());
        FAIL("it was not cancelled");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::cancelled);
    }
    CHECK_FALSE(fs::exists(directory / "scratch"));
    const auto before = restored().size();
    CHECK(before > 0);
    const auto report = restore();
    CHECK(report.identical > 0);
    CHECK(report.files > 0);
    CHECK(differences(target) == "");
}

TEST_CASE_METHOD(RestoreFixture,
                 "what ends leaves a mark in a new root only where it has an owner to come") {
    auto wanted = options();
    const bool of_owner = GENERATE(true, false);
    if (of_owner) wanted.root_owner = {1234, 5678};
    std::stop_source stop;
    WatchedPacks packs(staging.media(), [&](const std::string&) { stop.request_stop(); });
    CHECK_THROWS_AS(restore::restore_media(wanted, packs, {}, stop.get_token()), Error);
    CHECK(fs::exists(target / ".mastobak-new") == of_owner);

    CHECK(restore_as(wanted).problem_count == 0);
    CHECK_FALSE(fs::exists(target / ".mastobak-new"));
    CHECK((status_of(target).st_uid == 1234) == of_owner);
}

TEST_CASE_METHOD(RestoreFixture, "what a killed restore left beside a file is replaced") {
    write(target / "first" / restore::name_beside("file"), "half of it");
    write(target / "first" / restore::name_beside("symlink"), "half of it");
    restore();
    CHECK(differences(target) == "");
}

TEST_CASE_METHOD(RestoreFixture, "only the selection is restored, with what is below it") {
    const auto report = restore({"first/"});
    CHECK(report.files == 2);
    CHECK(report.links == 1);
    CHECK(report.directories == 1);
    CHECK(restored() ==
          std::vector<std::string>{"first", "first/file", "first/sparse", "first/symlink"});
    CHECK(status_of(target / "first").st_mtim.tv_sec == 1'100'000'000);

    restore({"./empty/directory"});
    CHECK(fs::is_directory(target / "empty/directory"));
}

TEST_CASE_METHOD(RestoreFixture, "a link is restored as a file where what it links to is not") {
    const auto report = restore({"\xff.link", "second\nlink"});
    CHECK(report.files == 2);
    CHECK(report.links == 0);
    CHECK(read(target / "second\nlink") == "linked");
    CHECK(read(target / "\xff.link") == "linked");
    char value = 0;
    CHECK(::getxattr((target / "second\nlink").c_str(), "user.note", &value, 1) == 1);
    CHECK(value == 'x');
}

TEST_CASE_METHOD(RestoreFixture, "a path that the set does not have is an error before anything") {
    for (const auto& path : {"first/nothing", "../first", "/first", "first/../~"}) {
        INFO(path);
        try {
            restore({"first/file", path});
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::usage);
            CHECK(error.hint() != "");
        }
    }
    CHECK_FALSE(fs::exists(target));
}

TEST_CASE_METHOD(RestoreFixture, "all goes to another owner where one is given") {
    auto wanted = options({"first"});
    wanted.owner = restore::Owner{4321, 8765};
    restore_as(wanted);
    for (const auto* path : {"first", "first/file", "first/symlink"}) {
        CHECK(status_of(target / path).st_uid == 4321);
        CHECK(status_of(target / path).st_gid == 8765);
    }
}

TEST_CASE_METHOD(RestoreFixture, "nothing becomes set-user-ID or set-group-ID") {
    for (const auto* name : {"of root", "of somebody"}) {
        write(media / name, "#!");
        REQUIRE(::lchown((media / name).c_str(), *name == 'o' && name[3] == 'r' ? 0 : 1000, 1000) ==
                0);
        REQUIRE(::chmod((media / name).c_str(), 06755) == 0);
    }
    fs::create_directory(media / "shared");
    REQUIRE(::chmod((media / "shared").c_str(), 07777) == 0);
    set = "20261122T030000Z";
    publish(set);
    restore({"of root", "of somebody", "shared"});
    CHECK((status_of(target / "of root").st_mode & 07777) == 0755);
    CHECK((status_of(target / "of somebody").st_mode & 07777) == 0755);
    CHECK((status_of(target / "shared").st_mode & 07777) == 01777);
}

TEST_CASE_METHOD(RestoreFixture, "progress counts up to all files and all bytes") {
    restore::PackDirectory packs(staging.media());
    std::vector<restore::MediaProgress> seen;
    const auto report = restore::restore_media(
        options(), packs, [&](const restore::MediaProgress& now) { seen.push_back(now); }, {});
    REQUIRE(seen.size() == report.files);
    CHECK(seen.back().files == report.files);
    CHECK(seen.back().of_files == report.files);
    CHECK(seen.back().bytes == report.bytes);
    CHECK(seen.back().of_bytes == report.bytes);
}

TEST_CASE_METHOD(RestoreFixture, "extended attributes and ACLs of directories come back") {
    const auto with_acl = media / "empty/directory";
    REQUIRE(::setxattr(with_acl.c_str(), "user.note", "x", 1, 0) == 0);
    // Version 2; user::rwx, user:33:r-x, group::r-x, mask::r-x, other::---. Source: acl(5), xattr.
    const std::string acl(
        "\x02\0\0\0"
        "\x01\0\x07\0\xff\xff\xff\xff"
        "\x02\0\x05\0\x21\0\0\0"
        "\x04\0\x05\0\xff\xff\xff\xff"
        "\x10\0\x05\0\xff\xff\xff\xff"
        "\x20\0\0\0\xff\xff\xff\xff",
        44);
    constexpr auto name = "system.posix_acl_default";
    REQUIRE(::setxattr(with_acl.c_str(), name, acl.data(), acl.size(), 0) == 0);
    set = "20261122T030000Z";
    publish(set);
    CHECK(restore().problem_count == 0);
    std::string back(100, '\0');
    const auto size =
        ::getxattr((target / "empty/directory").c_str(), name, back.data(), back.size());
    REQUIRE(size == 44);
    CHECK(back.substr(0, 44) == acl);
    CHECK(::getxattr((target / "empty/directory").c_str(), "user.note", nullptr, 0) == 1);
}

TEST_CASE_METHOD(RestoreFixture, "a hard link across file systems of the target is a file") {
    fs::create_directories(media / "inside/another");
    fs::create_hard_link(media / "first/file", media / "inside/another/name");
    fs::create_hard_link(media / "first/sparse", media / "inside/sparse");
    set = "20261122T030000Z";
    publish(set);
    fs::create_directories(target / "inside");
    REQUIRE(::mount("none", (target / "inside").c_str(), "tmpfs", 0, "size=16m") == 0);
    const auto report = restore({"first", "inside"});
    CHECK(report.problem_count == 0);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].starts_with("2 hard links became files of their own"));
    CHECK(read_file(target / "inside/another/name") == "linked");
    CHECK(status_of(target / "inside/another/name").st_uid == 1234);
    CHECK(status_of(target / "inside/another/name").st_mtim.tv_nsec == 123'456'789);
    CHECK(fs::file_size(target / "inside/sparse") == 1 << 20);
    CHECK(status_of(target / "inside/sparse").st_blocks < 100);
    ::umount2((target / "inside").c_str(), MNT_DETACH);
}

TEST_CASE_METHOD(RestoreFixture, "a file system without owners and links gets all contents") {
    // Like vfat, rclone's mount has neither owners, modes, links nor extended attributes.
    write(directory / "mount",
          "rclone mount \":local:$1/far\" \"$1/near\" --vfs-cache-mode full --daemon "
          "--config '' --cache-dir \"$1/cache\"");
    fs::create_directories(directory / "far");
    fs::create_directories(directory / "near");
    const auto mounted = run({.argv = {"bash", directory / "mount", directory.path()},
                              .timeout = std::chrono::seconds(30)});
    if (!mounted.ok()) {
        WARN("this host mounts nothing by FUSE: " << mounted.reason());
        return;
    }
    fs::create_hard_link(media / "first/file", media / "first/name");
    set = "20261122T030000Z";
    publish(set);
    auto wanted = options({"first", "empty"});
    wanted.target = directory / "near/new";
    wanted.root_owner = {4321, 4321};
    const auto report = restore_as(wanted);
    CHECK(report.problem_count == 0);
    CHECK(read_file(wanted.target / "first/file") == "linked");
    CHECK(read_file(wanted.target / "first/name") == "linked");
    CHECK(fs::file_size(wanted.target / "first/sparse") == 1 << 20);
    CHECK(fs::is_directory(wanted.target / "empty/directory"));
    CHECK_FALSE(fs::exists(fs::symlink_status(wanted.target / "first/symlink")));
    const auto all = fmt::format("{}", fmt::join(report.warnings, "\n"));
    CAPTURE(all);
    CHECK(all.find("1 symlink was not restored: the file system of the target refuses symlinks") !=
          all.npos);
    CHECK(all.find("1 hard link became a file of its own") != all.npos);
    CHECK(all.find("extended attributes") != all.npos);
    run({.argv = {"fusermount3", "-uz", directory / "near"}});
}

TEST_CASE("attributes that a file system refuses are counted, each file once") {
    // A pipe cannot have user attributes or ACLs.
    int pipe[2];
    REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
    restore::LostAttributes lost;
    CHECK(lost.warnings() == std::vector<std::string>{});
    media::Entry entry;
    entry.path = "a";
    restore::set_xattrs(pipe[0], {{"user.a", "1"}, {"user.b", "2"}}, entry, lost);
    REQUIRE(lost.warnings().size() == 1);
    CHECK(lost.warnings()[0].starts_with("1 file was restored without its extended attributes"));
    restore::set_xattrs(pipe[0], {{"system.posix_acl_access", "x"}, {"user.b", "2"}}, entry, lost);
    REQUIRE(lost.warnings().size() == 2);
    CHECK(lost.warnings()[0].starts_with("2 files were restored without their extended"));
    ::close(pipe[0]);
    ::close(pipe[1]);
}
