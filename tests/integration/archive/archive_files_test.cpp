// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/archive_files.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "core/error.hpp"
#include "core/process.hpp"
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

    /// By GNU tar, as RESTORE.md tells people to.
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

TEST_CASE_METHOD(Fixture, "a path that is not there is an error that names it") {
    try {
        make({source / "missing"});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::media);
        CHECK(error.text().find("missing") != std::string::npos);
    }
}

TEST_CASE_METHOD(Fixture, "a stop request ends it") {
    write(source / "a", "a");
    std::stop_source stop;
    stop.request_stop();
    REQUIRE_THROWS_AS(archive::archive_files({source}, file, stop.get_token()), Error);
}
