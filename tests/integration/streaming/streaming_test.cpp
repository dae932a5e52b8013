// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <utility>

#include "backup/retention/prune.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "restore/source/verify_dump.hpp"
#include "small_staging.hpp"
#include "store/pack_record.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/offsite_servers.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

constexpr auto mebibyte = std::uint64_t{1} << 20;

/// A tree of 24 MiB with a staging directory of 8 MiB.
struct LargeTree : SmallStaging {
    LargeTree() : LargeTree(96) {}
    explicit LargeTree(unsigned files) {
        add_files(files, 256 << 10);
        config.staging.max_size = Bytes{8 * mebibyte};
    }

    /// Returns the inodes of the packs at a remote. A pack that is uploaded twice has another
    /// inode.
    std::map<std::string, ino_t> inodes_at(const std::string& remote) const {
        std::map<std::string, ino_t> inodes;
        for (const auto& pack : packs_at(remote)) {
            struct stat status {};
            ::stat((target(remote) / "media" / pack).c_str(), &status);
            inodes[pack] = status.st_ino;
        }
        return inodes;
    }
};

/// A file system of 10 MiB.
class SmallDisk {
 public:
    explicit SmallDisk(fs::path where) : where_(std::move(where)) {
        REQUIRE(::mount("disk", where_.c_str(), "tmpfs", 0, "size=10m") == 0);
    }
    ~SmallDisk() { ::umount2(where_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

 private:
    const fs::path where_;
};

bool contains(const std::map<std::string, ino_t>& all, const std::map<std::string, ino_t>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

TEST_CASE_METHOD(LargeTree,
                 "a tree three times as large as staging goes through it to all remotes") {
    add_remote("a");
    add_remote("b");
    Peak peak(staging.root());
    const auto manifest = back_up();
    CHECK(peak.stop() <= *config.staging.max_size);
    CHECK(manifest.media.files == 96);
    CHECK(manifest.media.packs.size() > 8);
    CHECK(packs_here().size() < 8);
    CHECK(packs_unfinished().empty());

    const auto report = store::verify(staging, manifest.set, &restore::verify_members, {});
    CHECK(report.problems == std::vector<std::string>{});
    CHECK(report.away.size() + packs_here().size() == manifest.media.packs.size());
    REQUIRE(upload() == std::vector<std::string>{});
    for (const auto* remote : {"a", "b"}) {
        CHECK(store::Staging(target(remote)).list() == std::vector{manifest.set});
        CHECK(damage(target(remote)).empty());
        CHECK(packs_at(remote).size() == manifest.media.packs.size());
    }

    add_files(1, 1000);
    const auto next = back_up();
    CHECK(next.media.new_files == 1);
    CHECK(next.media.packs.size() == manifest.media.packs.size() + 1);
    CHECK(upload() == std::vector<std::string>{});
}

TEST_CASE_METHOD(LargeTree, "a run that is killed is continued, and sends no pack twice") {
    add_remote("a");
    back_up_killed_when([this] { return packs_at("a").size() >= 5; });
    CHECK(staging.list().empty());
    const auto before = inodes_at("a");
    back_up_killed_when([&, this] { return packs_at("a").size() >= before.size() + 3; });
    const auto after = inodes_at("a");
    CHECK(contains(after, before));

    Peak peak(staging.root());
    const auto manifest = back_up();
    CHECK(peak.stop() <= *config.staging.max_size);
    REQUIRE_FALSE(notes.empty());
    CHECK(notes[0].starts_with("continuing from"));
    // All packs except those that were being filled or uploaded at the moment of the kill.
    CHECK(manifest.media.new_files < 96 - 20);
    REQUIRE(upload() == std::vector<std::string>{});
    CHECK(contains(inodes_at("a"), after));
    CHECK(damage(target("a")).empty());
}

TEST_CASE_METHOD(LargeTree,
                 "a run that is cancelled while it waits ends at once, and is continued") {
    add_remote("a");
    // Uploads to this remote fail.
    write(target("a") / "media", "no directory");
    std::stop_source cancel;
    on_progress = [&](std::string_view text) {
        if (text.starts_with("waiting for room")) cancel.request_stop();
    };
    try {
        back_up(cancel.get_token());
        FAIL("it did not wait");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::cancelled);
    }
    CHECK(staging.list().empty());
    const auto left = packs_unfinished();
    CHECK(left.size() >= 3);
    fs::remove(target("a") / "media");
    on_progress = {};
    const auto manifest = back_up();
    for (const auto& pack : left)
        CHECK(std::any_of(manifest.media.packs.begin(), manifest.media.packs.end(),
                          [&](const auto& used) { return used.name == pack; }));
    CHECK(upload() == std::vector<std::string>{});
    CHECK(damage(target("a")).empty());
}

TEST_CASE_METHOD(LargeTree, "what has changed since an interrupted run is packed again") {
    add_remote("a");
    back_up_killed_when([this] { return packs_at("a").size() >= 4; });
    write(directory / "system/media_attachments/0000.bin", "something else");
    fs::remove(directory / "system/media_attachments/0001.bin");
    const auto manifest = back_up();
    CHECK(manifest.media.files == 95);
    REQUIRE(upload() == std::vector<std::string>{});
    CHECK(damage(target("a")).empty());
}

TEST_CASE_METHOD(LargeTree, "without a remote a tree that does not fit is an error with a hint") {
    config.media.pack_size = Bytes{mebibyte};
    try {
        back_up();
        FAIL("it fits");
    } catch (const Error& error) {
        CAPTURE(error.what());
        CHECK(error.code() == Errc::staging);
        CHECK(error.text().find("staging.max_size") != std::string::npos);
        CHECK(error.hint().find("offsite:") != std::string::npos);
    }
    CHECK(bytes_below(staging.root()) <= *config.staging.max_size);
    // The next run uses these packs, and needs only the rest.
    config.staging.max_size.reset();
    const auto manifest = back_up();
    CHECK(manifest.media.new_files < 96);
    CHECK(packs_unfinished().empty());
    CHECK(damage(staging.root()).empty());
}

TEST_CASE_METHOD(LargeTree, "a file larger than all of staging is an error that no waiting mends") {
    add_remote("a");
    add_files(1, 9 * mebibyte);
    CHECK_THROWS_AS(back_up(), Error);
    CHECK(bytes_below(staging.root()) <= *config.staging.max_size);
}

TEST_CASE_METHOD(LargeTree, "packs that no set and no run can use are removed") {
    add_remote("a");
    back_up_killed_when([this] { return packs_at("a").size() >= 4; });
    const auto left = store::unfinished_packs(staging);
    REQUIRE_FALSE(left.empty());
    SECTION("a remote that is no longer in the configuration") {
        config.offsite.clear();
        add_remote("other");
        const auto manifest = back_up();
        CHECK(upload() == std::vector<std::string>{});
        CHECK(damage(target("other")).empty());
    }
    SECTION("lines that are damaged") {
        write(store::lines_of(staging, left.front().name), "nonsense");
        back_up();
        CHECK(upload() == std::vector<std::string>{});
        CHECK(damage(target("a")).empty());
    }
    CHECK_FALSE(fs::exists(staging.unfinished()));
}

TEST_CASE_METHOD(LargeTree, "packs are removed here once every remote has them, and not before") {
    config.staging.max_size.reset();
    config.staging.keep_packs = false;
    add_remote("a");
    add_remote("b");
    const auto first = back_up();
    const backup::PruneOptions now;
    CHECK(backup::prune_staging(config, {}, now, {}).evicted == 0);
    CHECK(packs_here().size() == first.media.packs.size());
    REQUIRE(upload() == std::vector<std::string>{});
    const auto report = backup::prune_staging(config, {}, now, {});
    CHECK(report.evicted == first.media.packs.size());
    CHECK(report.freed > Bytes{24 * mebibyte});
    CHECK(packs_here().empty());
    CHECK(damage(staging.root()).empty());

    add_files(2, 1000);
    SECTION("the next night needs none of them, nor does its upload") {
        const auto next = back_up();
        CHECK(next.media.new_files == 2);
        CHECK(upload() == std::vector<std::string>{});
        backup::prune_staging(config, {}, now, {});
        CHECK(packs_here().empty());
        CHECK(damage(target("b")).empty());
        CHECK(damage(staging.root()).empty());
    }
    SECTION("nor does the loss of the state directory matter") {
        fs::remove_all(config.state_directory);
        CHECK(back_up().media.new_files == 2);
        CHECK(upload() == std::vector<std::string>{});
        CHECK(damage(target("a")).empty());
    }
    SECTION("a remote that is new is told of, until somebody has copied them there") {
        add_remote("c");
        CHECK(back_up().media.new_files == 2);
        const auto problems = upload();
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].find("'c' does not") != std::string::npos);
        CHECK(problems[0].find("rclone copy") != std::string::npos);
        CHECK(store::Staging(target("c")).list().empty());
        fs::create_directories(target("c"));
        fs::copy(target("a") / "media", target("c") / "media", fs::copy_options::recursive);
        CHECK(upload() == std::vector<std::string>{});
        CHECK(damage(target("c")).empty());
    }
    SECTION("a remote that has lost one is told of as well") {
        fs::remove(target("a") / "media" / first.media.packs[0].name);
        CHECK(back_up().media.new_files == 2);
        CHECK(upload().size() == 1);
    }
    SECTION("remotes that are all gone mean that the media is packed again") {
        config.offsite.clear();
        add_remote("other");
        CHECK(back_up().media.new_files == 98);
        CHECK(upload() == std::vector<std::string>{});
        CHECK(damage(target("other")).empty());
    }
}

TEST_CASE_METHOD(LargeTree, "a remote that fails for a while is waited for") {
    add_remote("a");
    write(target("a") / "media", "no directory");
    bool mended = false;
    on_progress = [&](std::string_view text) {
        if (!text.starts_with("waiting for room") || std::exchange(mended, true)) return;
        CHECK(text.find("uploaded to 'a'") != std::string::npos);
        fs::remove(target("a") / "media");
    };
    back_up();
    CHECK(mended);
    CHECK(upload() == std::vector<std::string>{});
    CHECK(damage(target("a")).empty());
}

TEST_CASE_METHOD(LargeTree, "a tree goes through a disk that is nearly full, and leaves min_free") {
    const SmallDisk disk(staging.root());
    staging.prepare();
    config.staging.max_size.reset();
    config.staging.min_free = Bytes{2 * mebibyte};
    add_remote("a");
    Peak peak(staging.root());
    back_up();
    CHECK(peak.stop() <= Bytes{8 * mebibyte});
    CHECK(upload() == std::vector<std::string>{});
    CHECK(damage(target("a")).empty());
}

TEST_CASE("a tree goes through staging to a server of SFTP") {
    LargeTree host(48);  // the upload of a pack takes a second
    SshServer server;
    const TemporaryDirectory there;
    auto remote = rclone_remote(host.directory.path(), server.rclone_section("box"),
                                "box:" + (there / "top").native());
    host.config.offsite.push_back(remote);
    Peak peak(host.staging.root());
    host.back_up();
    CHECK(peak.stop() <= *host.config.staging.max_size);
    REQUIRE(host.upload() == std::vector<std::string>{});
    CHECK(LargeTree::damage(there / "top").empty());
}
