// SPDX-License-Identifier: GPL-3.0-or-later
#include "hammer.hpp"

#include <optional>

#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/journal/change_journal.hpp"
#include "night.hpp"
#include "support/catch.hpp"
#include "support/index_of.hpp"

using namespace mastobak;
using test::Hammer;
using test::Night;
namespace fs = std::filesystem;

namespace {

std::string digest_of(const std::string& contents) {
    Sha256 sha256;
    sha256.update(std::as_bytes(std::span(contents)));
    return to_hex(sha256.finish());
}

std::map<std::string, std::string> digests(const Hammer::State& state) {
    std::map<std::string, std::string> all;
    for (const auto& [path, contents] : state)
        if (!path.starts_with("cache/")) all[path] = digest_of(contents);
    return all;
}

/// Returns the contents that a set restores. damage() checks that the packs agree with the index.
std::map<std::string, std::string> digests(const store::Staging& staging, const std::string& set) {
    std::map<std::string, std::string> all;
    media::IndexReader index(test::index_of(staging, set));
    while (const auto entry = index.next())
        if (entry->sha256) all[entry->path] = to_hex(*entry->sha256);
    return all;
}

std::vector<std::string> differing(const std::map<std::string, std::string>& one,
                                   const std::map<std::string, std::string>& other) {
    std::vector<std::string> paths;
    for (const auto& [path, digest] : one)
        if (const auto found = other.find(path); found == other.end() || found->second != digest)
            paths.push_back(path);
    for (const auto& [path, digest] : other)
        if (!one.contains(path)) paths.push_back(path);
    return paths;
}

}  // namespace

namespace {

/// Makes backups of such a tree, and checks that each set equals the tree while the units were
/// stopped.
/// \return number of freezes that walked the tree
int hammered_nights(Night& night, Hammer& hammer, int count) {
    std::optional<Hammer::State> at_freeze;
    int walks = 0;
    night.units.before = [&](const std::string& call) {
        if (call.starts_with("stop ")) hammer.pause();
        if (!call.starts_with("start ")) return;
        if (!at_freeze) at_freeze = hammer.state();
        hammer.go_on();
    };
    for (int nights = 0; nights < count; ++nights) {
        night.config.consistency.mode =
            nights % 3 == 2 ? config::ConsistencyMode::offline : config::ConsistencyMode::quiesce;
        at_freeze.reset();
        night.observer.messages.clear();
        const auto blows = hammer.blows();
        const auto result = night.run();
        CAPTURE(nights, hammer.blows() - blows);
        CHECK(hammer.blows() > blows + 100);
        CHECK(result.manifest.consistent);
        REQUIRE(at_freeze);
        const auto set = digests(store::Staging(night.config.staging.path), result.manifest.set);
        CHECK(differing(set, digests(*at_freeze)) == std::vector<std::string>{});
        CHECK(set.size() > 20);
        if (!night.journal || night.observer.said(" walked the tree")) ++walks;
    }
    CHECK(night.damage().empty());
    CHECK(night.leftovers().empty());
    return walks;
}

}  // namespace

TEST_CASE("under a writer that never rests, a set is exactly the tree that was at the freeze") {
    Night night;
    Hammer hammer(night.directory / "live/public/system", 42);
    CHECK(hammered_nights(night, hammer, 6) == 6);
}

TEST_CASE("under such a writer, a set by the change journal is that, too, without a walk") {
    Night night;
    const auto root = night.directory / "live/public/system";
    media::ChangeJournal journal(media::make_journal_group(root), root, {"cache", "backups"});
    night.journal = &journal;
    Hammer hammer(root, 43, Hammer::Kinds::of_files);
    // The first backup has no previous set.
    CHECK(hammered_nights(night, hammer, 6) <= 1);
}
