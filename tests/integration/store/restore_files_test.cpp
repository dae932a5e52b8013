// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>

#include <regex>

#include "core/process/process.hpp"
#include "media/backup_tree.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/restore_instructions.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/restore_guide.hpp"
#include "support/set_of_everything.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

const std::string first = "20261121T030000Z";
const std::string second = "20261122T030000Z";

struct RestoreFixture : SetOfEverything {
    std::map<std::string, std::string> places{{"MEDIA", directory / "restored"},
                                              {"CONFIG", directory / "config"},
                                              {"PG", ""},
                                              {"TMPDIR", directory.path()}};
};

}  // namespace

TEST_CASE_METHOD(RestoreFixture, "the commands of RESTORE.md restore media and configuration") {
    const timespec times[2] = {{0, UTIME_OMIT}, {1'234'567'890, 123'456'789}};
    REQUIRE(::utimensat(AT_FDCWD, (media / "new\nline").c_str(), times, 0) == 0);
    const RestoreGuide guide(publish(first));
    const auto output = guide.run(
        {"variables", "check", "check-set", "config", "media", "media-directories", "media-check"},
        places);
    CHECK(has(output, first + "-0002.tar"));
    CHECK(has(output, "every media file is what it was"));
    CHECK(differences(directory / "restored") == "");
    CHECK(read(directory / "config" / env.relative_path()) == read(env));
    struct stat status {};
    // Perl stores the nanoseconds as a part of a double.
    REQUIRE(::stat((directory / "restored/new\nline").c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == 1'234'567'890);
    CHECK(std::abs(status.st_mtim.tv_nsec - 123'456'789) < 1000);
    REQUIRE(::stat((directory / "config").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0700);
}

TEST_CASE_METHOD(RestoreFixture, "a copy of a later set restores what is spread over packs") {
    index_as = GENERATE(IndexAs::whole, IndexAs::base, IndexAs::changes);
    publish(first);
    write(media / "new/file", "new");
    write(media / "first/changed", "changed");
    fs::remove(media / "back\\slash");
    fs::remove(media / "second\nlink");
    // Contents that a pack already contains, at other names, and with sizes that do not fill a
    // block.
    fs::rename(media / "new\nline", media / "first/renamed\nline\xff");
    fs::copy_file(media / "star*?[a]", media / "-copy");
    fs::permissions(media / "-copy", fs::perms(0600));
    REQUIRE(::lchown((media / "-copy").c_str(), 1234, 5678) == 0);
    // Names that are numbers, as in the first and the last line of an index.
    write(media / "1", "a name");
    publish(second);
    CHECK(store::verify(staging, second, restore::verify_members, {}).problems.empty());
    CHECK(copies() == 2);
    const auto set = copied_set(second);
    fs::remove_all(staging.root());

    const RestoreGuide guide(set);
    guide.run({"variables", "check", "config", "media", "media-directories", "media-check"},
              places);
    CHECK(differences(directory / "restored") == "");
}

TEST_CASE_METHOD(RestoreFixture, "the commands without perl's Time::HiRes give whole seconds") {
    const RestoreGuide guide(publish(first));
    // Like perl-base without further packages.
    write(directory / "perl5/Time/HiRes.pm", "die 'not there'");
    places["PERL5LIB"] = directory / "perl5";
    guide.run({"variables", "media", "media-directories"}, places);
    struct stat status {};
    REQUIRE(::stat((directory / "restored/first").c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == 1'100'000'000);
    CHECK(status.st_mtim.tv_nsec == 0);
}

TEST_CASE_METHOD(RestoreFixture, "a command of RESTORE.md fails when a pack is damaged") {
    const auto set = publish(first);
    const RestoreGuide guide(set);
    const auto pack = staging.media() / (first + "-0001.tar");
    auto contents = read(pack);
    contents[contents.find("at the top")] ^= 1;
    write(pack, contents);
    CHECK_THROWS(guide.run({"variables", "check"}, places));
    guide.run({"variables", "check-set", "media", "media-directories"}, places);
    CHECK_THROWS(guide.run({"variables", "media", "media-check"}, places));
}

TEST_CASE_METHOD(RestoreFixture, "verification finds a real set good, and a member that changed") {
    publish(first);
    CHECK(store::verify(staging, first, restore::verify_members, {}).problems.empty());
    const auto pack = staging.media() / (first + "-0001.tar");
    auto contents = read(pack);
    contents[contents.find("at the top")] ^= 1;
    write(pack, contents);
    // The damage is found in the file, and in a member of the index.
    CHECK(store::verify(staging, first, restore::verify_members, {}).problems.size() >= 2);
}

TEST_CASE_METHOD(RestoreFixture, "names from the database stay words in the commands") {
    auto manifest = store::Manifest();
    manifest.set = first;
    manifest.database.name = "x'; touch pwned; '";
    manifest.database.owner = "$(touch pwned)";
    manifest.media.root = "/a b/`touch pwned`";
    manifest.warnings = {"```\n```sh variables\ntouch pwned"};
    write(directory / "set/RESTORE.md", store::restore_instructions(manifest));
    const RestoreGuide guide(directory / "set");
    const auto output = run({.argv = {"bash", "-euo", "pipefail", "-c",
                                      guide.block("variables") +
                                          "printf '%s\n' \"$DATABASE\" \"$ROLE\" \"$MEDIA\""},
                             .environment = {{"TMPDIR", directory.path()}}})
                            .output;
    CHECK(output == "x'; touch pwned; '\n$(touch pwned)\n/a b/`touch pwned`\n");
    CHECK_FALSE(fs::exists("pwned"));
}

TEST_CASE("instructions say what is not in the set") {
    auto manifest = store::Manifest();
    manifest.set = first;
    manifest.media.elsewhere = true;
    auto text = store::restore_instructions(manifest);
    CHECK(has(text, "**not in this set**"));
    CHECK_FALSE(has(text, "```sh media"));
    CHECK(has(text, "not of exactly one instant"));
    CHECK_FALSE(has(text, "preview_cards"));

    manifest.media.elsewhere = false;
    manifest.consistent = true;
    manifest.media.excluded = {"cache"};
    text = store::restore_instructions(manifest);
    CHECK(has(text, "```sh media\n"));
    CHECK_FALSE(has(text, "not of exactly one instant"));
    CHECK(has(text, "preview_cards remove"));
}

TEST_CASE("instructions leave nothing to be filled in") {
    auto manifest = store::Manifest();
    manifest.set = first;
    const auto text = store::restore_instructions(manifest);
    CHECK_FALSE(std::regex_search(text, std::regex("@[A-Z_]+@")));
}
