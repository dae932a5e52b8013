// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/index_warnings.hpp"

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;

TEST_CASE("what cannot come back everywhere is told at the backup, a long name as a long path") {
    const test::TemporaryDirectory directory;
    const auto warnings_of = [&](const std::vector<std::string>& paths) {
        std::filesystem::remove(directory / "index");
        media::IndexWriter writer(directory / "index");
        for (const auto& path : paths) {
            media::Entry entry;
            entry.type = media::EntryType::directory;
            entry.path = path;
            writer.add(entry);
        }
        return backup::index_warnings(writer.finish());
    };
    const std::string fits(255, 'a'), too_long(256, 'b');
    CHECK(warnings_of({fits, fits + "/" + fits}).empty());

    // Files in the directory do not count for the name of the directory.
    const auto one = warnings_of({too_long, too_long + "/c"});
    REQUIRE(one.size() == 1);
    CHECK(one[0].find("1 of the media has a name of more than 255 bytes") == 0);

    std::string deep = "d";
    while (deep.size() <= media::longest_path) deep += "/" + fits;
    const auto both = warnings_of({too_long, deep, deep + "/" + too_long});
    REQUIRE(both.size() == 2);
    CHECK(both[0].find("2 of the media have a path of more than 3840 bytes") == 0);
    CHECK(both[1].find("2 of the media have a name of more than 255 bytes") == 0);
}
