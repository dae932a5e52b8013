// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pack_place.hpp"

#include <set>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using store::PackEvent;
using store::PackPlace;
using store::place_after;

namespace {

constexpr std::array places{PackPlace::absent,     PackPlace::being_made,
                            PackPlace::unfinished, PackPlace::unfinished_off_site,
                            PackPlace::here,       PackPlace::off_site};
constexpr std::array events{PackEvent::kept, PackEvent::published, PackEvent::evicted,
                            PackEvent::adopted, PackEvent::removed};
const std::string pack = "20261122T030000Z-0001.tar";

}  // namespace

TEST_CASE("no place has two ways for one event") {
    std::set<std::pair<PackPlace, PackEvent>> seen;
    for (const auto& move : store::pack_moves) CHECK(seen.emplace(move.from, move.event).second);
}

TEST_CASE("what is published is either here or off-site, and stays published until it is removed") {
    for (const auto place : places)
        for (const auto event : events) {
            const auto to = place_after(place, event);
            if (!to) continue;
            CAPTURE(static_cast<int>(place), static_cast<int>(event));
            const bool published = *to == PackPlace::here || *to == PackPlace::off_site;
            if (event == PackEvent::published) CHECK(published);
            if (place == PackPlace::here || place == PackPlace::off_site)
                CHECK((published || event == PackEvent::removed));
        }
}

TEST_CASE("a pack that only the remotes have does not come back by itself") {
    for (const auto place : places)
        for (const auto event : events)
            if (const auto to = place_after(place, event); to && store::is_off_site(place))
                CHECK((store::is_off_site(*to) || event == PackEvent::removed));
}

TEST_CASE("a pack that is being made is on no remote alone, and only a complete one is evicted") {
    CHECK_FALSE(place_after(PackPlace::being_made, PackEvent::evicted));
    CHECK(place_after(PackPlace::unfinished, PackEvent::evicted) == PackPlace::unfinished_off_site);
    CHECK(place_after(PackPlace::here, PackEvent::evicted) == PackPlace::off_site);
    CHECK(place_after(PackPlace::absent, PackEvent::adopted) == PackPlace::off_site);
}

TEST_CASE("every place can be reached") {
    for (const auto place : places)
        CHECK((place == PackPlace::being_made ||
               std::any_of(store::pack_moves.begin(), store::pack_moves.end(),
                           [&](const auto& move) { return move.to == place; })));
}

TEST_CASE("a move that cannot happen is a defect, and says of which pack") {
    CHECK(store::moved(pack, PackPlace::being_made, PackEvent::kept) == PackPlace::unfinished);
    for (const auto event : {PackEvent::kept, PackEvent::evicted, PackEvent::adopted}) try {
            static_cast<void>(store::moved(pack, PackPlace::off_site, event));
            FAIL("moved");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::internal);
            CHECK(error.text().find(pack) != std::string::npos);
        }
}

TEST_CASE("a pack has one file at each place, and none has that of another place") {
    const store::Staging staging("/staging");
    std::set<std::filesystem::path> files;
    for (const auto place : places) {
        if (place == PackPlace::absent || place == PackPlace::being_made) {
            CHECK_THROWS_AS(store::file_at(staging, place, pack), Error);
            continue;
        }
        const auto file = store::file_at(staging, place, pack);
        CHECK(files.insert(file).second);
        CHECK((file.extension() == ".json") == store::is_off_site(place));
    }
}
