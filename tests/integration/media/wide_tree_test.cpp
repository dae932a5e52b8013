// SPDX-License-Identifier: GPL-3.0-or-later
//
// Trees that are wider than the limits of listing ahead of the walk: names, directories, looks.
#include <fmt/format.h>

#include <string>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/paths.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;

TEST_CASE_METHOD(MediaFixture, "a wide tree is walked whole and in the order of an index") {
    for (int i = 0; i < 300; ++i) add(fmt::format("wide/{}.png", i), "x");
    for (int i = 0; i < 140; ++i) {
        add(fmt::format("accounts/{}/original/{}.png", i, i), "x");
        add(fmt::format("cache/{}/{}.png", i, i), "x");
        add(fmt::format("wide/{}-directory/file", i), "x");
    }
    options.excluded = {"cache"};
    const auto result = backup();
    CHECK(result.index.files == 300 + 140 + 140);
    CHECK(result.excluded_files == 140);
    CHECK(result.vanished == 0);

    media::IndexReader reader(index);
    std::string last;
    std::size_t in_order = 0;
    std::size_t all = 0;
    while (const auto entry = reader.next()) {
        if (all++ == 0 || media::compare_paths(last, entry->path) < 0) ++in_order;
        last = entry->path;
    }
    CHECK(all == 580 + 2 * 140 + 140 + 2);
    CHECK(in_order == all);
}
