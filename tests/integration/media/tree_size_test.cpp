// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/tree_size.hpp"

#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

TEST_CASE_METHOD(MediaFixture, "the size of a tree is what its packs take, nearly") {
    for (int i = 0; i < 100; ++i)
        add("media_attachments/files/" + std::to_string(i) + "/a.png", std::string(5000 + i, 'x'));
    fs::create_symlink("a.png", root / "media_attachments/files/0/link");
    const auto guess = media::tree_size(root, {}, {}, {}).packs.count;

    backup();
    std::uint64_t taken = 0;
    for (const auto& pack : fs::directory_iterator(packs)) taken += pack.file_size();
    CHECK(guess > taken * 9 / 10);
    CHECK(guess < taken * 11 / 10);
}

TEST_CASE_METHOD(MediaFixture, "what is left out of a backup is not in the size of its tree") {
    add("accounts/avatars/cache/ours.png", "a directory of that name that is not in the root");
    const auto without = media::tree_size(root, {"cache", "backups"}, {}, {});
    add("cache/media_attachments/theirs.png", std::string(100'000, 'x'));
    CHECK(media::tree_size(root, {"cache", "backups"}, {}, {}) == without);
    CHECK(media::tree_size(root, {}, {}, {}).packs.count > 100'000);
}

TEST_CASE_METHOD(MediaFixture, "sizing a tree can be cancelled") {
    add("a", "");
    std::stop_source stop;
    stop.request_stop();
    CHECK(code_of([&] { media::tree_size(root, {}, {}, stop.get_token()); }) == Errc::cancelled);
}

TEST_CASE_METHOD(MediaFixture, "the size of recent files is counted") {
    for (const auto* name : {"old", "new"}) add(name, std::string(5000, 'x'));
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(root / "old", now - std::chrono::hours(200));
    const auto size = media::tree_size(root, {}, SystemClock().now() - std::chrono::hours(168), {});
    CHECK(size.files == 2);
    CHECK(size.recent.count * 2 == size.packs.count);
}
