// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/media_paths.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace mastobak;
using mastodon::files_of;
using Files = std::vector<std::string>;

namespace {

const mastodon::Attachment& attachment(std::string_view table, std::string_view name) {
    const auto all = mastodon::attachments();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) {
        return each.table == table && each.name == name;
    });
    REQUIRE(found != all.end());
    return *found;
}

/// Returns the paths that the row with ID 1 of media_attachments names, without the ID's directory.
Files of_media(const std::string& file_name, const std::string& content_type) {
    auto files =
        files_of(attachment("media_attachments", "file"), {1, file_name, content_type, ""});
    for (auto& file : files) {
        REQUIRE(file.starts_with("media_attachments/files/000/000/001/"));
        file.erase(0, sizeof("media_attachments/files/000/000/001/") - 1);
    }
    return files;
}

}  // namespace

TEST_CASE("ids are cut into directories of three digits, as Paperclip does it") {
    CHECK(mastodon::id_partition(1) == "000/000/001");
    CHECK(mastodon::id_partition(999'999'999) == "999/999/999");
    CHECK(mastodon::id_partition(1'000'000'000) == "001/000/000/000");
    CHECK(mastodon::id_partition(123'456'789'012'345'678) == "123/456/789/012/345/678");
    // Remaining digits are dropped.
    CHECK(mastodon::id_partition(1'234'567'890'123) == "123/456/789/012");
}

TEST_CASE("the small style is a picture, and audio does not have one") {
    CHECK(of_media("a.jpeg", "image/jpeg") == Files{"original/a.jpeg", "small/a.jpeg"});
    CHECK(of_media("a.mp4", "video/mp4") == Files{"original/a.mp4", "small/a.png"});
    CHECK(of_media("a.gif", "image/gif") == Files{"original/a.gif", "small/a.png"});
    CHECK(of_media("a.mp3", "audio/mpeg") == Files{"original/a.mp3"});
    CHECK(of_media("a.bin", "") == Files{"original/a.bin"});
}

TEST_CASE("the extension of a style replaces the original's last one") {
    CHECK(of_media("a.b.gif", "video/mp4").at(1) == "small/a.b.png");
    CHECK(of_media("a", "video/mp4").at(1) == "small/a.png");
    CHECK(of_media(".gif", "video/mp4").at(1) == "small/.gif.png");
    CHECK(of_media("a", "image/png").at(1) == "small/a");
}

TEST_CASE("avatars and headers have a static style when they move, emojis always") {
    const auto& avatar = attachment("accounts", "avatar");
    CHECK(files_of(avatar, {5, "a.gif", "image/gif", "", true}) ==
          Files{"cache/accounts/avatars/000/000/005/original/a.gif",
                "cache/accounts/avatars/000/000/005/static/a.png"});
    CHECK(files_of(avatar, {5, "a.png", "image/png", ""}).size() == 1);
    CHECK(files_of(attachment("accounts", "header"), {5, "a.gif", "image/gif", ""}).size() == 2);
    CHECK(files_of(attachment("custom_emojis", "image"), {5, "a.webp", "image/webp", ""}).at(1) ==
          "custom_emojis/images/000/000/005/static/a.png");
    CHECK(files_of(attachment("media_attachments", "thumbnail"), {5, "a.gif", "image/gif", ""}) ==
          Files{"media_attachments/thumbnails/000/000/005/original/a.gif"});
}

TEST_CASE("the styles of a site upload depend on what it is for") {
    const auto& upload = attachment("site_uploads", "file");
    CHECK(files_of(upload, {1, "a.jpg", "image/jpeg", "mascot"}).size() == 1);
    CHECK(files_of(upload, {1, "a.jpg", "image/jpeg", "thumbnail"}) ==
          Files{"site_uploads/files/000/000/001/original/a.jpg",
                "site_uploads/files/000/000/001/@1x/a.png",
                "site_uploads/files/000/000/001/@2x/a.png"});
    CHECK(files_of(upload, {1, "a.jpg", "image/jpeg", "app_icon"}).size() > 10);
    // This version of Mastodon makes no .ico.
    CHECK(files_of(upload, {1, "a.png", "image/png", "favicon"}) ==
          Files{"site_uploads/files/000/000/001/original/a.png",
                "site_uploads/files/000/000/001/16/a.png",
                "site_uploads/files/000/000/001/32/a.png",
                "site_uploads/files/000/000/001/48/a.png"});
}

TEST_CASE("the rows of other servers' files are listed only where they are asked for") {
    const auto names = [](bool of_others) {
        Files directories;
        for (const auto& rows : mastodon::media_rows(of_others))
            directories.push_back(rows.directory);
        return directories;
    };
    CHECK(names(false) == Files{"accounts/avatars", "accounts/headers", "backups/dumps",
                                "custom_emojis/images", "media_attachments/files",
                                "media_attachments/thumbnails", "site_uploads/files"});
    const auto all = names(true);
    CHECK(std::count(all.begin(), all.end(), "cache/preview_cards/images") == 1);
    CHECK(std::count(all.begin(), all.end(), "preview_card_providers/icons") == 1);
    CHECK(std::count(all.begin(), all.end(), "cache/site_uploads/files") == 0);
}

TEST_CASE("rows cannot be told apart without the columns that say so") {
    const auto rows = mastodon::media_rows(false).at(0);
    CHECK_FALSE(mastodon::rows_query(rows, false, "public.t", {}));
    CHECK_FALSE(mastodon::rows_query(rows, false, "public.t", {"id", "avatar_file_name"}));
    CHECK(mastodon::rows_query(rows, false, "public.t", {"id", "avatar_file_name", "domain"}));
}
