// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "core/error.hpp"
#include "media/index/index_writer.hpp"
#include "restore_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

bool mentions(const std::vector<std::string>& texts, const std::string& part) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& text) { return text.find(part) != text.npos; });
}

void flip_byte(const fs::path& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(static_cast<char>(byte ^ 0x40));
    REQUIRE(stream.good());
}

struct HostileFixture : RestoreFixture {
    fs::path outside = directory / "outside";
    HostileFixture() { fs::create_directory(outside); }

    /// Writes a forged index for the packs of the set.
    fs::path write_index(const std::vector<media::Entry>& entries) {
        const auto file = directory / "forged.zst";
        fs::remove(file);
        media::IndexWriter writer(file);
        for (const auto& entry : entries) writer.add(entry);
        writer.finish();
        return file;
    }
};

}  // namespace

TEST_CASE_METHOD(HostileFixture, "a symlink in the way is not followed") {
    fs::create_directory(target);
    fs::create_symlink(outside, target / "first");
    fs::create_symlink(outside / "new", target / "~");
    const auto report = restore();
    CHECK(fs::is_empty(outside));
    CHECK(mentions(report.problems, "'first/file': "));
    CHECK(mentions(report.problems, "a file or symlink is in the place of a directory"));
    // A file in its place is replaced.
    CHECK(read(target / "~") == "at the top: ~");
    CHECK(fs::is_symlink(target / "first"));
}

TEST_CASE_METHOD(HostileFixture,
                 "an index that would have files put behind its own symlink does not") {
    auto link = entry("first/symlink");
    link.path = "a";
    link.target = outside;
    auto file = entry("first/file");
    file.path = "a/file";
    auto wanted = options();
    wanted.index = write_index({link, file});
    const auto first = restore_as(wanted);
    CHECK(first.problem_count == 1);
    CHECK(fs::is_empty(outside));
    // The same when the symlink already exists.
    fs::remove_all(target / "a");
    fs::create_symlink(outside, target / "a");
    const auto second = restore_as(wanted);
    CHECK(mentions(second.problems, "'a/file': "));
    CHECK(fs::is_empty(outside));
}

TEST_CASE_METHOD(HostileFixture, "a hard link to what is behind a symlink is not made") {
    write(outside / "secret", "of somebody else");
    fs::create_directory(target);
    fs::create_symlink(outside, target / "a");
    auto link = entry("second\nlink");
    link.path = "b";
    link.target = "a/secret";
    auto wanted = options();
    wanted.index = write_index({link});
    const auto report = restore_as(wanted);
    CHECK(report.problem_count == 1);
    CHECK_FALSE(fs::exists(target / "b"));
}

TEST_CASE_METHOD(HostileFixture, "directories in the place of files stay, and are told") {
    fs::create_directories(target / "~/mine");
    fs::create_directories(target / "first/symlink/mine");
    const auto report = restore();
    CHECK(report.problem_count == 2);
    CHECK(mentions(report.problems, "'~': put in place '~': a directory is in its place"));
    CHECK(fs::exists(target / "~/mine"));
    CHECK(fs::exists(target / "first/symlink/mine"));
    CHECK(read(target / "first/file") == "linked");
}

TEST_CASE_METHOD(HostileFixture,
                 "a damaged member is told, not put in place, and the rest is restored") {
    const auto damaged = entry("first/file");
    flip_byte(staging.media() / damaged.pack, damaged.offset + damaged.stored - 512);
    write(target / "first/file", "what was there before");
    const auto report = restore();
    CHECK(report.problem_count == 1);
    CHECK(mentions(report.problems, "'first/file': its contents have a different SHA-256"));
    CHECK(read(target / "first/file") == "what was there before");
    CHECK(read(target / "~") == "at the top: ~");
}

TEST_CASE_METHOD(HostileFixture, "any byte of a pack may be wrong") {
    const auto some = entry("first/file");
    const auto pack = staging.media() / some.pack;
    for (std::uint64_t at = some.offset; at < some.offset + some.stored; at += 61) {
        INFO(at - some.offset);
        flip_byte(pack, at);
        fs::remove_all(target);
        const auto report = restore({"first/file"});
        // A changed byte of padding, or of an unused field of a header, mentions no effect.
        if (report.problem_count == 0) CHECK(read(target / "first/file") == "linked");
        if (report.problem_count == 1) CHECK(restored() == std::vector<std::string>{"first"});
        CHECK(report.problem_count <= 1);
        flip_byte(pack, at);
    }
}

TEST_CASE_METHOD(HostileFixture, "a cut pack, one that is missing, and one of another set") {
    const auto some = entry("first/file");
    const auto pack = staging.media() / some.pack;
    SECTION("cut") {
        fs::resize_file(pack, some.offset + 100);
        CHECK(mentions(restore({"first/file"}).problems, "'first/file': "));
    }
    SECTION("missing") {
        fs::remove(pack);
        const auto report = restore();
        CHECK(report.problem_count > 1);
        CHECK(report.files > 0);
        const auto told = "open pack '" + some.pack + "': No such file";
        CHECK(std::count_if(report.problems.begin(), report.problems.end(),
                            [&](const auto& text) { return text.find(told) != text.npos; }) == 1);
    }
    SECTION("of another set") {
        fs::copy_file(staging.media() / (set + "-0001.tar"), pack,
                      fs::copy_options::overwrite_existing);
        CHECK(mentions(restore({"first/file"}).problems, "'first/file': "));
    }
    CHECK_FALSE(fs::exists(target / "first/file"));
}

TEST_CASE_METHOD(HostileFixture, "a full disk ends the restore with a hint") {
    fs::create_directory(target);
    REQUIRE(::mount("none", target.c_str(), "tmpfs", 0, "size=64k") == 0);
    write(media / "large", std::string(256 * 1024, 'x'));
    set = "20261122T030000Z";
    publish(set);
    try {
        restore();
        FAIL_CHECK("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::environment);
        CHECK(error.hint() != "");
    }
    CHECK_FALSE(fs::exists(directory / "scratch"));
    ::umount2(target.c_str(), MNT_DETACH);
}
