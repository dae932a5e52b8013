// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree_options.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A file system with little space.
class TinyDisk {
 public:
    TinyDisk(fs::path path, const char* size) : path_(std::move(path)) {
        fs::create_directories(path_);
        REQUIRE(::mount("none", path_.c_str(), "tmpfs", 0, size) == 0);
    }
    ~TinyDisk() { ::umount2(path_.c_str(), MNT_DETACH); }

 private:
    fs::path path_;
};

/// Overwrites one byte of a file.
void damage(const fs::path& path, off_t offset) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR));
    char byte = 0;
    REQUIRE(::pread(fd.get(), &byte, 1, offset) == 1);
    byte = static_cast<char>(byte ^ 1);
    REQUIRE(::pwrite(fd.get(), &byte, 1, offset) == 1);
}

}  // namespace

TEST_CASE_METHOD(MediaFixture, "an absent, empty or unmounted tree is an error") {
    SECTION("absent") {
        fs::remove_all(root);
    }
    SECTION("a file") {
        fs::remove_all(root);
        write(root, "x");
    }
    SECTION("empty") {}
    SECTION("only directories") {
        fs::create_directories(root / "accounts/avatars");
    }
    SECTION("nothing but what is excluded") {
        options.excluded = {"cache"};
        add("cache/x", "1");
    }
    CHECK(code_of([&] { backup(); }) == Errc::media);
}

TEST_CASE_METHOD(MediaFixture,
                 "the root may be a symlink, and a symlink below it is not followed") {
    add("file", "1");
    write(directory / "outside/secret", "secret");
    fs::create_directory_symlink(directory / "outside", root / "escape");
    fs::create_directory_symlink(root, directory / "link");
    options.root = directory / "link";
    CHECK(backup().index.files == 1);
    CHECK(entries().at("escape").type == media::EntryType::symlink);
    CHECK_FALSE(entries().contains("escape/secret"));
}

TEST_CASE_METHOD(MediaFixture, "a staging directory inside the tree is an error") {
    add("file", "1");
    options.pack_directory = root / "staging/partial";
    CHECK(code_of([&] { backup(); }) == Errc::media);
}

TEST_CASE_METHOD(MediaFixture, "a full disk is an error that says so") {
    for (int i = 0; i < 30; ++i) add(std::to_string(i), std::string(100'000, 'x'));
    options.pack_directory = directory / "tiny";
    const TinyDisk disk(options.pack_directory, "size=1M");
    CHECK(code_of([&] { backup(); }) == Errc::staging);
}

TEST_CASE_METHOD(MediaFixture, "a stop request ends a pass, also in the middle of a file") {
    add("large", std::string(50'000'000, 'x'));
    for (int i = 0; i < 1000; ++i) add("d/" + std::to_string(i), "x");
    std::stop_source stop;
    options.pack_prefix = "p";
    options.index = directory / "index";
    SECTION("before it") {
        stop.request_stop();
    }
    SECTION("in it") {
        options.root = root;
    }
    const auto progress = [&](const media::TreeProgress&) { stop.request_stop(); };
    CHECK(code_of([&] { media::backup_tree(options, progress, stop.get_token()); }) ==
          Errc::cancelled);
}

TEST_CASE_METHOD(MediaFixture, "a damaged previous index is an error") {
    add("file", "1");
    backup();
    fs::resize_file(index, fs::file_size(index) - 5);
    CHECK(code_of([&] { backup("20261123T030000Z"); }) == Errc::corrupt);
}

TEST_CASE_METHOD(MediaFixture, "verification names what is damaged, and nothing else") {
    add("a", std::string(5000, 'a'));
    add("b", std::string(5000, 'b'));
    add("c", std::string(5000, 'c'));
    backup();
    REQUIRE(verify().empty());
    const auto entry = entries().at("b");
    const auto pack = packs / entry.pack;
    SECTION("a flipped bit of the contents") {
        damage(pack, static_cast<off_t>(entry.offset + 512 + 4000));
    }
    SECTION("a flipped bit of the header") {
        damage(pack, static_cast<off_t>(entry.offset));
    }
    const auto problems = verify();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("'b'") != std::string::npos);
}

TEST_CASE_METHOD(MediaFixture, "verification tells of a pack that is cut or missing") {
    for (int i = 0; i < 500; ++i) add(std::to_string(i), "x");
    backup();
    const auto pack = packs / "20261122T030000Z-0001.tar";
    fs::resize_file(pack, 1000);
    CHECK(verify().size() == 101);
    CHECK(verify().back() == "and 400 more problems");
    fs::remove(pack);
    REQUIRE(verify().size() == 1);
    CHECK(verify()[0].find(pack.filename().native()) != std::string::npos);
}

TEST_CASE_METHOD(MediaFixture, "a mount that is closed to us is told from one that is not there") {
    // A FUSE mount without allow_other, which even CAP_DAC_READ_SEARCH does not open.
    write(directory / "mount",
          "rclone mount \":local:$1/far\" \"$1/near\" --daemon --config '' --cache-dir "
          "\"$1/cache\"");
    fs::create_directories(directory / "far");
    fs::create_directories(directory / "near");
    fs::permissions(directory.path(), fs::perms(0711));
    const auto mounted = run({.argv = {"bash", directory / "mount", directory.path()},
                              .timeout = std::chrono::seconds(30)});
    if (!mounted.ok()) {
        WARN("this host mounts nothing by FUSE: " << mounted.reason());
        return;
    }
    std::string text;
    std::string hint;
    run_as_user("nobody", [&] {
        try {
            media::open_root(directory / "near");
        } catch (const Error& error) {
            text = error.text();
            hint = error.hint();
        }
    });
    run({.argv = {"fusermount3", "-uz", directory / "near"}});
    CHECK(text.find("Permission denied") != text.npos);
    CHECK(text.find("does not exist") == text.npos);
    CHECK(hint.find("allow_other") != hint.npos);
}
