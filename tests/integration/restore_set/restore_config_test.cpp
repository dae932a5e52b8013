// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/restore_config.hpp"

#include <sys/stat.h>

#include "archive/tar.hpp"
#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using archive::Header;
namespace fs = std::filesystem;

namespace {

/// A config.tar.zst as an attacker may have made it.
struct HostileArchive {
    HostileArchive() {
        fs::create_directories(target);
        fs::permissions(target, fs::perms(0700));
    }
    ~HostileArchive() { close(); }

    void add(Header::Type type, const std::string& path, std::uint32_t mode,
             const std::string& link = "", const std::string& text = "") {
        Header header;
        header.type = type;
        header.path = path;
        header.mode = mode;
        header.target = link;
        header.size = text.size();
        tar.begin(header);
        if (!text.empty()) tar.data(std::as_bytes(std::span(text)));
        tar.end();
    }
    void add_file(const std::string& path, const std::string& text, std::uint32_t mode = 0640) {
        add(Header::Type::file, path, mode, "", text);
    }
    void close() {
        if (!out) return;
        tar.finish();
        zstd.finish();
        out->finish();
        out.reset();
    }
    restore::ConfigReport restored(const std::string& keep = "") {
        close();
        restore::ConfigOptions options{.archive = directory / "config.tar.zst", .target = target};
        options.keep_suffix = keep;
        options.in_place = !keep.empty();
        return restore::restore_config(options, {});
    }
    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);
        return status.st_mode & 07777;
    }

    TemporaryDirectory directory;
    fs::path target = directory / "target";
    fs::path outside = directory / "outside";
    std::optional<HashingFile> out{directory / "config.tar.zst"};
    archive::ZstdCompressor zstd{[this](auto block) { out->write(block); }, 1};
    archive::TarWriter tar{[this](auto block) { zstd.write(block); }};
};

}  // namespace

TEST_CASE_METHOD(HostileArchive, "a hostile archive writes nothing outside the target") {
    fs::create_directories(outside);
    add_file("../outside/up", "x");
    add_file("a/../../outside/up", "x");
    add(Header::Type::symlink, "link", 0777, outside);
    add_file("link/through", "x");
    add_file("good", "y");
    const auto report = restored();
    CHECK(fs::is_empty(outside));
    CHECK(report.problems.size() == 3);
    CHECK(read(target / "good") == "y");
}

TEST_CASE_METHOD(HostileArchive, "nothing becomes set-user-ID") {
    add_file("shell", "x", 06755);
    restored();
    CHECK(mode_of(target / "shell") == 0755);
}

TEST_CASE_METHOD(HostileArchive, "in place, what is replaced is kept, for good") {
    write(target / "etc/file", "old");
    fs::permissions(target / "etc", fs::perms(0750));
    add(Header::Type::directory, "etc", 0777);
    add_file("etc/file", "new", 0600);
    CHECK(restored(".before-x").kept == std::vector<std::string>{"etc/file.before-x"});
    CHECK(read(target / "etc/file") == "new");
    CHECK(mode_of(target / "etc/file") == 0600);
    CHECK(mode_of(target / "etc") == 0750);
    CHECK(restored(".before-x").kept.empty());
    CHECK(read(target / "etc/file.before-x") == "old");
    // Later changes by an admin must not be lost either.
    write(target / "etc/file", "edited");
    CHECK(restored(".before-x").kept == std::vector<std::string>{"etc/file.before-x.2"});
    CHECK(read(target / "etc/file.before-x") == "old");
    CHECK(read(target / "etc/file.before-x.2") == "edited");
    CHECK(read(target / "etc/file") == "new");
}

TEST_CASE_METHOD(HostileArchive, "a directory in the way is a problem of that file alone") {
    fs::create_directories(target / "a/inside");
    add_file("a", "x");
    add_file("b", "y");
    CHECK(restored().problems.size() == 1);
    CHECK(read(target / "b") == "y");
}
