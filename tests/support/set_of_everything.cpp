// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/set_of_everything.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "archive/archive_files.hpp"
#include "core/process/process.hpp"
#include "media/backup_tree.hpp"
#include "media/index/index_reader.hpp"
#include "media/tree_options.hpp"
#include "store/new_set.hpp"
#include "support/catch.hpp"
#include "support/index_of.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

void set_mtime(const fs::path& path, time_t seconds, long nanoseconds) {
    const timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

std::string output_of(Command command) {
    const auto finished = run(command);
    INFO(finished.reason() << finished.error_tail);
    REQUIRE(finished.ok());
    return finished.output;
}

}  // namespace

SetOfEverything::SetOfEverything() {
    staging.prepare();
    write(env, "SECRET_KEY_BASE='a\nb'\n");
    fs::permissions(env, fs::perms::owner_read);
    for (const std::string name :
         {"new\nline", "tab\there", "back\\slash", "\\n", "-rf", "--help", " leading", "trailing ",
          "\xff\xfe invalid", "\xc3\xbcmlaut", "star*?[a]", "\x01\x1b[31m\x7f", "$(id)`id`'\"", "~",
          "#comment", "a\rb"}) {
        write(media / name, "at the top: " + name);
        write(media / (name + ".d") / name, "below: " + name);
    }
    fs::create_directories(media / "empty/directory");
    write(media / "first/file", "linked");
    fs::create_hard_link(media / "first/file", media / "second\nlink");
    fs::create_hard_link(media / "first/file", media / "\xff.link");
    fs::create_symlink("../outside\n\xff", media / "first/symlink");
    write(media / "first/sparse", "");
    fs::resize_file(media / "first/sparse", 1 << 20);
    REQUIRE(::setxattr((media / "first/file").c_str(), "user.note", "x", 1, 0) == 0);
    REQUIRE(::lchown((media / "first").c_str(), 1234, 5678) == 0);
    REQUIRE(::lchown((media / "first/file").c_str(), 1234, 5678) == 0);
    fs::permissions(media / "first", fs::perms(01750));
    set_mtime(media / "first/file", 1'000'000'000, 123'456'789);
    set_mtime(media / "first/sparse", 1'050'000'000, 1);
    set_mtime(media / "first", 1'100'000'000, 0);
    set_mtime(media / "empty/directory", 1'200'000'000, 0);
}

fs::path SetOfEverything::publish(const std::string& name) {
    store::NewSet set(staging, name);
    store::Manifest manifest;
    manifest.set = name;
    manifest.media.root = "/home/mastodon/live/public/system";
    manifest.database.name = "mastodon_production";

    const auto config = archive::archive_files({env}, set.directory() / "config.tar.zst", {});
    set.add({"config.tar.zst", config.size, config.sha256});
    manifest.config_files = config.members;

    media::TreeOptions options;
    options.root = media;
    options.index = set.directory() / "media.index.zst";
    options.pack_directory = set.pack_directory();
    options.pack_prefix = name;
    options.pack_size = Bytes{16 * 1024};  // several packs
    if (!previous_.empty()) {
        options.previous_index = index();
        manifest.media.packs = staging.manifest(previous_).media.packs;
    }
    const auto known = known_contents();
    if (known) options.known_contents = &*known;
    const auto tree = media::backup_tree(options, {}, {});
    add_index(set, manifest, tree.index, index_as);
    for (const auto& pack : tree.new_packs)
        manifest.media.packs.push_back(
            {pack.name, pack.size, pack.sha256, pack.members, pack.size});
    set.publish(manifest, {});
    previous_ = name;
    return staging.set(name);
}

media::IndexFiles SetOfEverything::index() const {
    return index_of(staging, previous_);
}

std::optional<media::DigestCache> SetOfEverything::known_contents() const {
    if (previous_.empty()) return std::nullopt;
    const auto digest = staging.index(staging.manifest(previous_)).sha256;
    media::write_known_contents(index(), digest, directory / "contents", {});
    return media::DigestCache::open(directory / "contents", digest);
}

int SetOfEverything::copies() const {
    media::IndexReader reader(index());
    int copies = 0;
    while (const auto entry = reader.next()) copies += entry->copy ? 1 : 0;
    return copies;
}

fs::path SetOfEverything::copied_set(const std::string& set) const {
    const auto copy = directory / "copy";
    fs::copy(staging.root(), copy, fs::copy_options::recursive);
    return copy / "sets" / set;
}

std::string SetOfEverything::differences(const fs::path& restored) const {
    // The index does not contain the root directory, which the admin makes.
    auto found =
        output_of({.argv = {"rsync", "-ncirlptgoHAX", "--delete", media / "", restored / ""}});
    constexpr std::string_view root = " ./\n";
    if (const auto at = found.find(root); at != std::string::npos && found.find('\n') > at)
        found.erase(0, at + root.size());
    return found;
}

}  // namespace mastobak::test
