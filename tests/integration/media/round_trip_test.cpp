// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/files/unique_fd.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
using media::EntryType;
namespace fs = std::filesystem;

namespace {

void check_restored(MediaFixture& fixture) {
    CHECK(fixture.verify() == std::vector<std::string>{});
    CHECK(fixture.differences(fixture.restore()) == "");
}

}  // namespace

TEST_CASE_METHOD(MediaFixture, "hostile names come back through zstd, awk and tar") {
    for (const std::string name : {"new\nline",
                                   "tab\there",
                                   "quo\"te's",
                                   "back\\slash",
                                   "\\n",
                                   "-leading-dash",
                                   "--help",
                                   " leading",
                                   "trailing ",
                                   "  ",
                                   "\xff\xfe invalid \x80",
                                   "\xc3\xbcmlaut",
                                   "star*?[a]",
                                   "\x01\x1b[31m\x7f",
                                   "$(id)`id`",
                                   "~",
                                   "...",
                                   "#comment",
                                   "a\rb",
                                   "!x"}) {
        add(name, "at the top: " + name);
        add("sub/" + name, "below: " + name);
        add(name + ".d/file", "in: " + name);
    }
    add(std::string(255, 'n'), "255 bytes");
    add(std::string(200, 'a') + "/" + std::string(200, 'b') + "/" + std::string(255, 'c'), "long");
    const auto result = backup();
    CHECK(result.index.files == 62);
    CHECK(result.warnings.empty());
    check_restored(*this);
}

TEST_CASE_METHOD(MediaFixture, "every type of file comes back, or is skipped with a warning") {
    add("dir/file", "contents");
    add("empty", "");
    fs::create_directory(root / "empty-directory");
    fs::create_symlink("../outside\n\xff", root / "dir/symlink");
    fs::create_hard_link(root / "dir/file", root / "dir/hard-link");
    fs::create_hard_link(root / "dir/file", root / "a-hard-link-before");
    fs::permissions(root / "dir/file", fs::perms(04640));
    REQUIRE(::lchown((root / "empty").c_str(), 1234, 3'000'000'000) == 0);
    REQUIRE(::mkfifo((root / "fifo").c_str(), 0600) == 0);
    REQUIRE(::mknod((root / "device").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (root / "socket").native().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);

    const auto result = backup();

    CHECK(result.warnings_in_all == 3);
    const auto all = entries();
    CHECK(all.at("a-hard-link-before").type == EntryType::file);
    CHECK(all.at("dir/file").type == EntryType::hardlink);
    CHECK(all.at("dir/hard-link").target == "a-hard-link-before");
    CHECK(all.at("dir/symlink").target == "../outside\n\xff");
    CHECK(all.at("empty-directory").type == EntryType::directory);
    CHECK(result.index.files == 2);
    check_restored(*this);
    CHECK(fs::hard_link_count(directory / "restored/dir/file") == 3);
}

TEST_CASE_METHOD(MediaFixture,
                 "extended attributes and times come back, nanoseconds from the index") {
    add("file", "x");
    const std::string value("a\0b\n\xff", 5);
    REQUIRE(::setxattr((root / "file").c_str(), "user.note", value.data(), value.size(), 0) == 0);
    REQUIRE(::setxattr((root / "file").c_str(), "trusted.note", "t", 1, 0) == 0);
    const timespec times[2] = {{0, UTIME_OMIT}, {1'234'567'890, 123'456'789}};
    REQUIRE(::utimensat(AT_FDCWD, (root / "file").c_str(), times, 0) == 0);
    backup();
    check_restored(*this);
    struct stat status {};
    REQUIRE(::stat((directory / "restored/file").c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == 1'234'567'890);
    CHECK(status.st_mtim.tv_nsec == 0);
    CHECK(entries().at("file").mtime ==
          Timestamp(std::chrono::nanoseconds(1'234'567'890'123'456'789)));
}

TEST_CASE_METHOD(MediaFixture, "a sparse file takes its data's room and comes back sparse") {
    add("sparse", "beginning");
    add("all-hole", "");
    fs::resize_file(root / "sparse", std::uintmax_t{100} << 20);
    fs::resize_file(root / "all-hole", std::uintmax_t{10} << 20);
    const UniqueFd fd(::open((root / "sparse").c_str(), O_WRONLY));
    REQUIRE(::pwrite(fd.get(), "middle", 6, 50 << 20) == 6);
    const auto result = backup();
    CHECK(result.new_packs.at(0).size.count < 64 * 1024);
    CHECK(entries().at("sparse").size == std::uint64_t{100} << 20);
    check_restored(*this);
    struct stat status {};
    REQUIRE(::stat((directory / "restored/sparse").c_str(), &status) == 0);
    CHECK(status.st_blocks * 512 < 1 << 20);
}

TEST_CASE_METHOD(MediaFixture, "paths longer than the kernel takes at once are packed") {
    add("file", "x");
    const std::string name(255, 'd');
    UniqueFd at(::open(root.c_str(), O_RDONLY | O_DIRECTORY));
    std::string path;
    for (int i = 0; i < 200; ++i) {
        REQUIRE(::mkdirat(at.get(), name.c_str(), 0700) == 0);
        UniqueFd below(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
        // After the deep directory in order: the walk has to return from it.
        const UniqueFd after(::openat(at.get(), "z", O_WRONLY | O_CREAT, 0600));
        REQUIRE(::write(after.get(), "after", 5) == 5);
        at = std::move(below);
        path += name + "/";
    }
    const UniqueFd leaf(::openat(at.get(), "leaf", O_WRONLY | O_CREAT, 0600));
    REQUIRE(::write(leaf.get(), "deep", 4) == 4);
    const auto result = backup();
    CHECK(result.index.files == 202);
    CHECK(result.vanished == 0);
    CHECK(verify() == std::vector<std::string>{});
    CHECK(contents(entries().at(path + "leaf")) == "deep");
    script("rm -r \"$1\"", {root});
}

TEST_CASE_METHOD(MediaFixture,
                 "packs stay under their size, and a larger file has one of its own") {
    options.pack_size = {200'000};
    for (int i = 0; i < 40; ++i) add("small/" + std::to_string(i), std::string(30'000, 'x'));
    add("small/2-large", std::string(1'000'000, 'y'));
    const auto result = backup();
    CHECK(result.new_packs.size() >= 8);
    for (const auto& pack : result.new_packs) {
        INFO(pack.name);
        CHECK((pack.size.count <= 200'000 || pack.members == 1));
        CHECK(pack.size.count == fs::file_size(packs / pack.name));
        CHECK(pack.sha256 == sha256_of_file(packs / pack.name));
        CHECK(result.packs_used.at(pack.name).entries == pack.members);
        // All of a new pack is live, except the two zero blocks of its end.
        CHECK(result.packs_used.at(pack.name).stored.count + 1024 == pack.size.count);
    }
    check_restored(*this);
}

TEST_CASE_METHOD(MediaFixture, "files of all sizes around the reader's buffers come back") {
    for (const std::size_t size :
         {0, 1, 511, 512, 513, 65'535, 65'536, 262'143, 262'144, 262'145, 3'000'000, 40'000'000})
        add("sizes/" + std::to_string(size), std::string(size, static_cast<char>('a' + size % 23)));
    const auto result = backup();
    CHECK(result.packed_files == 12);
    check_restored(*this);
}
