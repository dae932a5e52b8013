// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/archive_files.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "core/error.hpp"
#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

struct Fixture {
    TemporaryDirectory directory;
    fs::path source = directory / "etc";
    fs::path file = directory / "config.tar.zst";

    archive::FilesArchive make(const std::vector<fs::path>& paths) {
        return archive::archive_files(paths, file, {});
    }

    /// Extracts with GNU tar, as RESTORE.md describes.
    fs::path extract() {
        const auto target = directory / "out";
        fs::create_directory(target);
        Command tar;
        tar.argv = {"tar", "--zstd", "-xpf", file.native(), "-C", target.native()};
        const auto finished = run(tar);
        INFO(finished.error_tail);
        REQUIRE(finished.ok());
        return target / source.relative_path();
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "an archive knows whether its members are still the same") {
    write(source / "nginx/sites/mastodon", "server {}\n");
    write(source / ".env", "A=b\n");
    fs::create_symlink("sites/mastodon", source / "nginx/enabled");
    const auto archive = make({source / ".env", source / "nginx"});
    CHECK(archive::is_unchanged(archive));
    SECTION("a file has changed") {
        write(source / ".env", "A=c\n");
    }
    SECTION("a file has come") {
        write(source / "nginx/sites/more", "server {}\n");
    }
    SECTION("a file has gone") {
        fs::remove(source / "nginx/sites/mastodon");
    }
    SECTION("another one is in its place") {
        write(source / "new", "A=b\n");
        fs::rename(source / "new", source / ".env");
    }
    SECTION("a mode has changed") {
        fs::permissions(source / ".env", fs::perms(0600));
    }
    SECTION("a link leads elsewhere") {
        fs::remove(source / "nginx/enabled");
        fs::create_symlink("sites", source / "nginx/enabled");
    }
    CHECK_FALSE(archive::is_unchanged(archive));
}

TEST_CASE_METHOD(Fixture, "configuration comes back through tar and zstd") {
    write(source / ".env.production", "SECRET_KEY_BASE=x\n");
    write(source / "nginx/sites/mastodon", "server {}\n");
    fs::create_symlink("../sites/mastodon", source / "nginx/enabled");
    fs::permissions(source / ".env.production", fs::perms(0600));

    const auto result = make({source / ".env.production", source / "nginx"});

    CHECK(result.sha256 == sha256_of_file(file));
    CHECK(result.size.count == fs::file_size(file));
    CHECK(result.members.size() == 5);
    CHECK(result.members.front() == (source / ".env.production").relative_path().native());
    const auto out = extract();
    CHECK(read(out / ".env.production") == "SECRET_KEY_BASE=x\n");
    CHECK(fs::status(out / ".env.production").permissions() == fs::perms(0600));
    CHECK(read(out / "nginx/sites/mastodon") == "server {}\n");
    CHECK(fs::read_symlink(out / "nginx/enabled") == "../sites/mastodon");
}

TEST_CASE_METHOD(Fixture, "a path named twice is archived once") {
    write(source / "a", "a");
    CHECK(make({source / "a", source, source / "a"}).members.size() == 2);
}

TEST_CASE_METHOD(Fixture, "a FIFO is skipped with a warning, and never waited for") {
    write(source / "a", "a");
    REQUIRE(::mkfifo((source / "pipe").c_str(), 0600) == 0);
    const auto result = make({source});
    CHECK(result.members.size() == 2);
    CHECK(result.warnings.size() == 1);
}

TEST_CASE_METHOD(Fixture, "both a symlink and the file that it leads to are archived") {
    write(source / "secrets/env", "SECRET_KEY_BASE=x\n");
    fs::create_symlink("secrets/env", source / "first");
    fs::create_symlink(source / "first", source / ".env.production");
    const auto result = make({source / ".env.production"});
    CHECK(result.members.size() == 3);
    const auto out = extract();
    CHECK(fs::read_symlink(out / ".env.production") == source / "first");
    CHECK(fs::read_symlink(out / "first") == "secrets/env");
    CHECK(read(out / "secrets/env") == "SECRET_KEY_BASE=x\n");
}

TEST_CASE_METHOD(Fixture, "'..' of a symlink is where the kernel finds it") {
    write(source / "elsewhere/conf", "server {}\n");
    fs::create_directories(source / "elsewhere/deep");
    fs::create_directory(source / "nginx");
    fs::create_directory_symlink("../elsewhere/deep", source / "nginx/deep");
    fs::create_symlink("deep/../conf", source / "nginx/site");
    make({source / "nginx/site"});
    CHECK(read(extract() / "elsewhere/conf") == "server {}\n");
}

TEST_CASE_METHOD(Fixture, "links in a directory are followed to files, not to directories") {
    write(source / "available/site", "server {}\n");
    write(source / "large/file", "x");
    write(source / "enabled/default", "");
    fs::create_symlink("../available/site", source / "enabled/site");
    fs::create_symlink("../large", source / "enabled/large");
    fs::create_symlink("nowhere", source / "enabled/nowhere");
    fs::create_symlink("circle", source / "enabled/circle");
    fs::create_symlink("/dev/null", source / "enabled/masked");
    const auto result = make({source / "enabled"});
    CHECK(result.warnings.size() == 2);
    const auto out = extract();
    CHECK(read(out / "available/site") == "server {}\n");
    CHECK(fs::is_symlink(out / "enabled/large"));
    CHECK_FALSE(fs::exists(out / "large"));
}

TEST_CASE_METHOD(Fixture, "a link to a directory that is named brings the directory") {
    write(source / "srv/site", "server {}\n");
    fs::create_directory(source / "nginx");
    fs::create_symlink("../srv", source / "nginx/sites");
    make({source / "nginx", source / "nginx/sites"});
    CHECK(read(extract() / "srv/site") == "server {}\n");
}

TEST_CASE_METHOD(Fixture, "a named link that leads nowhere, or to a FIFO, is an error") {
    fs::create_directories(source);
    REQUIRE(::mkfifo((source / "pipe").c_str(), 0600) == 0);
    fs::create_symlink(GENERATE("nowhere", "link", "pipe"), source / "link");
    try {
        make({source / "link"});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::environment);
        CHECK_FALSE(error.hint().empty());
    }
}

TEST_CASE_METHOD(Fixture, "a path that is notttttt there is an error that names it") {
    try {
        make({source / "missing"});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::environment);
        CHECK_FALSE(error.hint().empty());
        CHECK(error.text().find("missing") != std::string::npos);
    }
}

TEST_CASE_METHOD(Fixture, "a stop request ends it") {
    write(source / "a", "a");
    std::stop_source stop;
    stop.request_stop();
    REQUIRE_THROWS_AS(archive::archive_files({source}, file, stop.get_token()), Error);
}
