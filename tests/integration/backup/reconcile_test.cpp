// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>

#include "night.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::Night;
using Mode = config::ConsistencyMode;

namespace {

constexpr auto name_avatar =
    "UPDATE accounts SET avatar_file_name = 'a.png', avatar_content_type = 'image/png', "
    "avatar_file_size = 9 WHERE id = 1";

bool has_list(const store::Manifest& manifest) {
    return std::ranges::any_of(manifest.artifacts, [](const auto& artifact) {
        return artifact.name == "missing-media.txt";
    });
}

}  // namespace

TEST_CASE("files that the database names are looked up, in every mode") {
    Night night;
    night.add_media("accounts/avatars/000/000/001/original/a.png", "an avatar");
    night.sql(name_avatar);
    night.config.consistency.mode = GENERATE(Mode::quiesce, Mode::offline, Mode::live);
    const auto manifest = night.run().manifest;
    REQUIRE(manifest.reconciliation.done);
    const auto& avatars = manifest.reconciliation.columns.at(0);
    CHECK(avatars.column == "accounts.avatar");
    CHECK(avatars.files == 1);
    CHECK(avatars.missing == 0);
    CHECK_FALSE(has_list(manifest));
}

TEST_CASE("a row without a file warns, and is listed in the set") {
    Night night;
    night.sql(name_avatar);
    const auto manifest = night.run().manifest;
    CHECK(manifest.reconciliation.columns.at(0).missing == 1);
    CHECK(night.observer.said("1 file that the database names does not exist"));
    CHECK(has_list(manifest));
    const auto list =
        test::read(night.config.staging.path / "sets" / manifest.set / "missing-media.txt");
    CHECK(list ==
          "missing\taccounts.avatar\t1\t9\t-\taccounts/avatars/000/000/001/original/a.png\n");
    CHECK(night.damage().empty());
}

TEST_CASE("a file that the set has lost fails the run, and no set is made") {
    Night night;
    const auto media = night.directory / "live/public/system";
    const auto elsewhere = night.directory / "elsewhere";
    night.add_media("custom_emojis/images/1/original/e.png", "keeps the tree from being empty");
    night.add_media("accounts/avatars/000/000/001/original/a.png", "an avatar");
    night.sql(name_avatar);
    // A symlink to a directory of another user is not followed, so the file exists, but is not in
    // the index.
    std::filesystem::rename(media / "accounts/avatars/000", elsewhere);
    std::filesystem::create_symlink(elsewhere, media / "accounts/avatars/000");
    const auto error = night.fails();
    CHECK(error.code() == Errc::media);
    CHECK(error.text().find("accounts/avatars/000/000/001/original/a.png") != std::string::npos);
    CHECK(night.sets().empty());
    CHECK(night.leftovers().empty());
    CHECK(night.mastodon_runs());
}

TEST_CASE("nothing is looked up where the media is elsewhere") {
    Night night;
    night.config.media.elsewhere = true;
    night.sql(name_avatar);
    const auto manifest = night.run().manifest;
    CHECK_FALSE(manifest.reconciliation.done);
    CHECK_FALSE(has_list(manifest));
}
