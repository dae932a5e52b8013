// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/open.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
namespace fs = std::filesystem;

namespace {

std::string error_of(const fs::path& path, Symlinks links = Symlinks::follow) {
    try {
        open_regular(path, links);
        return "";
    } catch (const Error& error) {
        return error.text();
    }
}

}  // namespace

TEST_CASE("a FIFO in the place of a file of a set is refused by what hashes it") {
    test::TemporaryDirectory files;
    REQUIRE(::mkfifo((files / "fifo").c_str(), 0600) == 0);
    CHECK_THROWS_AS(sha256_of_file(files / "fifo"), Error);
}

TEST_CASE("what is not a regular file is refused without waiting for it") {
    const test::TemporaryDirectory directory;
    const auto fifo = directory.path() / "fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(error_of(fifo).find("is a FIFO, not a regular file") != std::string::npos);
    CHECK_THROWS_AS(read_file(fifo), Error);
    CHECK(error_of(directory.path()).find("is a directory") != std::string::npos);
    CHECK(error_of("/dev/null").find("is a device") != std::string::npos);

    const auto name = directory.path() / "socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, name.c_str(), sizeof address.sun_path - 1);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CHECK(error_of(name).find("not a regular file") != std::string::npos);
}

TEST_CASE("an untrusted file is read through no symlink, in no component") {
    const test::TemporaryDirectory directory;
    fs::create_directory(directory.path() / "a");
    std::ofstream(directory.path() / "a/file") << "text";
    fs::create_symlink("file", directory.path() / "a/link");
    fs::create_symlink("a", directory.path() / "b");

    CHECK(read_file(directory.path() / "a/file") == "text");
    CHECK(read_file(directory.path() / "b/link") == "text");
    CHECK(error_of(directory.path() / "a/link", Symlinks::refuse).find("symlink") !=
          std::string::npos);
    CHECK(error_of(directory.path() / "b/file", Symlinks::refuse).find("symlink") !=
          std::string::npos);

    const UniqueFd root(::open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    CHECK(open_beneath(root.get(), "a/file", O_RDONLY));
    CHECK(!open_beneath(root.get(), "b/file", O_RDONLY));
    CHECK(!open_beneath(root.get(), "../etc/passwd", O_RDONLY));
    CHECK(!open_beneath(root.get(), "/etc/passwd", O_RDONLY));
}

TEST_CASE("a file that is larger than the limit is refused before it is read") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "holes";
    std::ofstream(path) << "x";
    fs::resize_file(path, std::uintmax_t{3} << 40);
    CHECK_THROWS_WITH(read_file(path), Catch::Matchers::EndsWith("is larger than 64.0 MiB"));
}

TEST_CASE("a year that no backup has is not a time") {
    for (const auto* year : {"1969", "2201", "2262", "2263", "2600", "3000", "5999", "9999"}) {
        CHECK(!parse_set_name(std::string(year) + "1231T235959Z"));
        CHECK(!parse_iso8601(std::string(year) + "-12-31T23:59:59Z"));
    }
    CHECK(parse_set_name("19700101T000000Z"));
    CHECK(parse_set_name("22001231T235959Z"));
}
