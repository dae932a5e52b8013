// SPDX-License-Identifier: GPL-3.0-or-later
//
// A backup does not evict the page cache of other programs.
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "media/tree_options.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"
#include "support/page_cache.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// Files of one block and of several blocks, whose last page is not full.
struct Tree : MediaFixture {
    Tree() {
        add(small, std::string(100'001, 's'));
        add(large, std::string(3'000'001, 'l'));
    }
    bool evict_all() { return evict(root / small) && evict(root / large); }

    const std::string small = "accounts/small.png";
    const std::string large = "accounts/large.mp4";
};

}  // namespace

TEST_CASE("what was not in the page cache is not in it after a night") {
    Tree tree;
    if (!tree.evict_all()) {
        WARN("this file system has nothing but the page cache");
        return;
    }
    CHECK(tree.backup().packed_files == 2);
    CHECK(residency(tree.root / tree.small).resident == 0);
    CHECK(residency(tree.root / tree.large).resident == 0);
    CHECK(tree.verify().empty());
}

TEST_CASE("what was in the page cache is in it after a night") {
    Tree tree;
    cache(tree.root / tree.small);
    cache(tree.root / tree.large);
    CHECK(tree.backup().packed_files == 2);
    CHECK(residency(tree.root / tree.small).share() == 1);
    CHECK(residency(tree.root / tree.large).share() == 1);
}

TEST_CASE("a night that may read only so much a second takes its time") {
    Tree tree;
    tree.options.rate_limit = Bytes{10'000'000};
    const auto begin = std::chrono::steady_clock::now();
    tree.backup();
    CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(200));
    CHECK(tree.verify().empty());
}

TEST_CASE("a night that waits for its rate is cancelled at once") {
    Tree tree;
    tree.options.rate_limit = Bytes{1};
    tree.options.index = tree.directory / "index";
    std::stop_source stop;
    std::jthread cancelling;
    const auto begin = std::chrono::steady_clock::now();
    // The first block is free; the next one would take days.
    const auto progress = [&](const media::TreeProgress&) {
        if (!cancelling.joinable()) cancelling = std::jthread([&] { stop.request_stop(); });
    };
    CHECK(code_of([&] { media::backup_tree(tree.options, progress, stop.get_token()); }) ==
          Errc::cancelled);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}
