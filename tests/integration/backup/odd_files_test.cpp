// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <algorithm>

#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "night.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using test::Night;
namespace fs = std::filesystem;

namespace {

/// Unpacks the configuration of the newest set with GNU tar, as RESTORE.md describes.
fs::path unpack_configuration(const Night& night) {
    const auto target = night.directory / "unpacked";
    fs::create_directory(target);
    const auto archive =
        night.config.staging.path / "sets" / night.sets().back() / "config.tar.zst";
    const auto tar =
        run({.argv = {"tar", "--zstd", "-xpf", archive.native(), "-C", target.native()}});
    INFO(tar.error_tail);
    REQUIRE(tar.ok());
    return target;
}

/// Changes one byte in the middle of a file, like a bad disk.
void damage(const fs::path& file) {
    auto text = test::read(file);
    text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    test::write(file, text);
}

/// Waits, because a file that changed just before a look at it is read again in the next backup.
void outlast_doubt() {
    const auto now = std::chrono::steady_clock::now();
    test::eventually(
        [now] { return std::chrono::steady_clock::now() - now > std::chrono::milliseconds(50); });
}

}  // namespace

TEST_CASE("secrets behind a symlink are in the set") {
    Night night;
    const auto env = night.directory / "live/.env.production";
    const auto secrets = night.directory / "etc/mastodon.env";
    fs::create_directory(secrets.parent_path());
    fs::rename(env, secrets);
    fs::create_symlink(secrets, env);
    night.run();
    const auto root = unpack_configuration(night);
    CHECK(test::read(root / secrets.relative_path()) == test::read(secrets));
    CHECK(fs::read_symlink(root / env.relative_path()) == secrets);
}

TEST_CASE("the units' files and their drop-ins are in the set") {
    Night night;
    const auto unit = night.directory / "etc/mastodon-web.service";
    const auto drop_in = night.directory / "etc/mastodon-web.service.d/memory.conf";
    const auto linked = night.directory / "etc/mastodon-web.service.d/threads.conf";
    test::write(unit, "[Service]\n");
    test::write(drop_in, "[Service]\nMemoryMax=4G\n");
    test::write(night.directory / "shared/threads.conf", "[Service]\nEnvironment=MAX_THREADS=5\n");
    fs::create_symlink(night.directory / "shared/threads.conf", linked);
    auto& properties = night.units.units["mastodon-web.service"].properties;
    properties["FragmentPath"] = unit.native();
    properties["DropInPaths"] = drop_in.native() + "\n" + linked.native();
    night.run();
    const auto root = unpack_configuration(night);
    CHECK(test::read(root / unit.relative_path()) == "[Service]\n");
    CHECK(test::read(root / drop_in.relative_path()) == "[Service]\nMemoryMax=4G\n");
    CHECK(fs::exists(root / (night.directory / "shared/threads.conf").relative_path()));
}

TEST_CASE("a file name of any bytes can be warned of, and the night succeeds") {
    Night night;
    const auto pipe = night.directory / "live/public/system/a\nb\xff";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const auto result = night.run();
    CHECK(night.damage().empty());
    const auto& warnings = result.manifest.warnings;
    CHECK(std::ranges::any_of(warnings, [](const std::string& text) {
        return text.find("'a\\x0ab\\xff' of the media is a device, FIFO or socket") == 0;
    }));
    CHECK(night.observer.said("'a\\x0ab\\xff'"));
}

TEST_CASE("scope all takes what scope local leaves out, and takes it over from one to the other") {
    Night night;
    night.add_media("backups/dumps/1/archive.tar.gz", "a user's own download");
    night.config.media.scope = config::MediaScope::all;
    const auto all = night.run().manifest;
    CHECK(all.media.scope == "all");
    CHECK(all.media.files == 4);
    CHECK(all.media.excluded.empty());
    CHECK(all.media.excluded_bytes == Bytes{0});
    night.config.media.scope = config::MediaScope::local;
    CHECK(night.run().manifest.media.files == 2);
    night.config.media.scope = config::MediaScope::all;
    CHECK(night.run().manifest.media.files == 4);
    CHECK(night.damage().empty());
    CHECK(night.leftovers().empty());
}

TEST_CASE("a damaged index is told, and costs no later night") {
    Night night;
    outlast_doubt();
    const auto first = night.run().manifest.set;
    const bool two = GENERATE(false, true);
    const auto newest = two ? night.run().manifest.set : first;
    damage(night.config.staging.path / "sets" / newest / "media.index.zst");
    const auto after = night.run().manifest;
    CHECK(night.observer.said("the media index of the set '" + newest + "' is damaged"));
    CHECK(after.media.files == 2);
    // With an older set, its packs are used; otherwise, all files are packed again.
    CHECK(std::ranges::all_of(after.media.packs, [&](const store::PackReference& pack) {
        return pack.name.starts_with(two ? first : after.set);
    }));
    night.observer.messages.clear();
    night.run();
    CHECK_FALSE(night.observer.said("is damaged"));
}

TEST_CASE("media that does not fit is noticed before anything is copied") {
    Night night;
    const auto file = night.directory / "live/public/system/accounts/avatars/1/original/large.bin";
    test::write(file, "");
    fs::resize_file(file, std::uintmax_t{1} << 42);  // a sparse file, which needs no space itself
    const auto error = night.fails();
    CHECK(error.code() == Errc::staging);
    CHECK(error.text().find("of media") != std::string::npos);
    CHECK_FALSE(error.hint().empty());
    CHECK(night.observer.steps == std::vector<std::string>{"preflight"});
}
