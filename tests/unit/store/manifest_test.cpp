// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/manifest.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// Returns a manifest with a value in every field.
store::Manifest full() {
    store::Manifest m;
    m.set = "20261122T030000Z";
    m.host = "social.example";
    m.mastobak_version = "0.1.0";
    m.started_at = *parse_iso8601("2026-11-22T03:00:00.000000001Z");
    m.finished_at = *parse_iso8601("2026-11-22T03:10:00Z");
    m.instant = *parse_iso8601("2026-11-22T03:05:00.123456789Z");
    m.mode = "quiesce";
    m.consistent = true;
    m.warnings = {"'a\nb' vanished", "back\\slash", "\xff\xfe", "\xc3\xbc \xed\xa0\x80"};
    m.units = {{"mastodon-web.service", 4'000'000'001ns}};
    m.downtime = 5'999'999'999ns;
    m.freeze = 123'456'789ns;
    m.database.name = "mastodon_production";
    m.database.owner = "mastodon";
    m.database.server_version = "15.8";
    m.database.image = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    m.database.schema_version = "20240304090449";
    m.database.encoding = "UTF8";
    m.database.collation = "en_US.UTF-8";
    m.database.ctype = "C.UTF-8";
    m.database.locale_provider = "icu";
    m.database.locale = "en-US";
    m.database.pg_dump_version = "15.8 (Debian)";
    m.database.size = Bytes{std::uint64_t{1} << 40};
    m.database.dump_uncompressed = Bytes{12345};
    m.database.rows = {{"public.accounts", 3}, {"public.sta\"tuses", 0}};
    m.media.root = "/srv/me\xff/dia";
    m.media.scope = "local";
    m.media.excluded = {"cache", "backups"};
    m.media.excluded_bytes = Bytes{7};
    m.media.files = 8;
    m.media.bytes = Bytes{9};
    m.media.new_files = 10;
    m.media.new_bytes = Bytes{11};
    m.media.vanished = 12;
    m.media.packs = {{"20261121T030000Z-0001.tar", Bytes{13}, Digest{{1, 2, 3}}, 14, Bytes{12}}};
    m.reconciliation = {true, {{"media_attachments.file", 15, 16, 17, 18, 19, 20}}, {"no table"}};
    m.config_files = {"home/mastodon/live/.env.production"};
    m.artifacts = {{"database.dump.zst", Bytes{15}, Digest{{4}}}};
    return m;
}

/// Returns the code and text of the error that the parser throws; empty if it throws none.
std::string failure(const json& manifest) {
    try {
        store::parse_manifest(manifest.dump(), "m.json");
    } catch (const Error& error) {
        return error.code() == Errc::corrupt ? error.what() : "wrong code";
    }
    return "";
}

/// Returns the parser's error after one value has been replaced.
std::string failure_with(const char* pointer, const json& value) {
    auto manifest = json::parse(to_json(full()));
    manifest[json::json_pointer(pointer)] = value;
    return failure(manifest);
}

}  // namespace

TEST_CASE("a manifest comes back as it was, bytes and nanoseconds included") {
    const auto text = to_json(full());
    const auto back = store::parse_manifest(text, "m.json");
    CHECK(to_json(back) == text);
    CHECK(back.warnings == full().warnings);
    CHECK(back.media.root == full().media.root);
    CHECK(back.downtime == 5'999'999'999ns);
    CHECK(back.freeze == 123'456'789ns);
    CHECK(back.units.at(0).down == 4'000'000'001ns);
    CHECK(back.instant == full().instant);
    CHECK(back.database.rows == full().database.rows);
    CHECK(back.media.packs.at(0).sha256 == Digest{{1, 2, 3}});
}

TEST_CASE("a manifest is written as version 0.1.0 wrote it, byte for byte") {
    const std::string golden = SOURCE_DIR "/tests/unit/store/golden/";
    CHECK(to_json(full()) == read_file(golden + "manifest.json"));
    CHECK(to_json(store::Manifest{}) == read_file(golden + "empty-manifest.json"));
}

TEST_CASE("symlinks that were followed come back, and older sets have none") {
    auto manifest = full();
    manifest.media.followed_links = {{"media_attachments", "/srv/m\xff"}};
    auto whole = json::parse(to_json(manifest));
    CHECK(store::parse_manifest(whole.dump(), "m.json").media.followed_links ==
          manifest.media.followed_links);
    whole["media"].erase("followed_links");
    CHECK(store::parse_manifest(whole.dump(), "m.json").media.followed_links.empty());
}

TEST_CASE("every field of the file is read, and needed") {
    const auto whole = json::parse(to_json(full()));
    REQUIRE(failure(whole) == "");
    const auto flat = whole.flatten();
    for (const auto& [pointer, value] : flat.items()) {
        const json::json_pointer at(pointer);
        // Lists and tables may have fewer elements.
        if (pointer.starts_with("/database/rows/") || std::isdigit(at.back().front())) continue;
        // The next tests check these.
        if (pointer.ends_with("/live") || pointer == "/freeze_ns" ||
            pointer == "/database/locale_provider" || pointer == "/media/followed_links" ||
            pointer == "/database/image")
            continue;
        // Older sets do not have these members.
        if (pointer == "/database/extensions" || pointer == "/database/tablespaces" ||
            pointer == "/database/mastodon_role" || pointer == "/media/followed_links")
            continue;
        auto less = whole;
        less[at.parent_pointer()].erase(at.back());
        CAPTURE(pointer);
        CHECK(has(failure(less), "is missing"));
        CHECK(failure_with(pointer.c_str(), json::array({json::object()})) != "");
        CHECK(failure_with(pointer.c_str(), nullptr) != "");
    }
}

TEST_CASE("a manifest that does not say how much of a pack is live means all of it") {
    auto older = json::parse(to_json(full()));
    older["media"]["packs"][0].erase("live");
    CHECK(store::parse_manifest(older.dump(), "m.json").media.packs.at(0).live == Bytes{13});
    CHECK(store::parse_manifest(to_json(full()), "m.json").media.packs.at(0).live == Bytes{12});
    CHECK(failure_with("/media/packs/0/live", -1) != "");
}

TEST_CASE("a manifest of before freezes were measured says none") {
    auto older = json::parse(to_json(full()));
    older.erase("freeze_ns");
    CHECK(store::parse_manifest(older.dump(), "m.json").freeze == 0ns);
    CHECK(failure_with("/freeze_ns", -1) != "");
}

TEST_CASE("a manifest of before ICU's locales were told apart has those of the C library") {
    auto older = json::parse(to_json(full()));
    CHECK(store::parse_manifest(older.dump(), "m.json").database.locale == "en-US");
    older["database"].erase("locale_provider");
    older["database"].erase("locale");
    CHECK(store::parse_manifest(older.dump(), "m.json").database.locale_provider.empty());
}

TEST_CASE("a manifest of a database that is not in a container has no image") {
    auto without = full();
    without.database.image.clear();
    const auto written = to_json(without);
    CHECK_FALSE(json::parse(written)["database"].contains("image"));
    CHECK(store::parse_manifest(written, "m.json").database.image.empty());
    CHECK(store::parse_manifest(to_json(full()), "m.json").database.image == full().database.image);
}

TEST_CASE("a note is one line of text, and sets without one have no such field") {
    auto noted = full();
    CHECK(json::parse(to_json(noted)).contains("note") == false);
    noted.note = "before 4.7 \xc3\xbc";
    const auto written = to_json(noted);
    CHECK(store::parse_manifest(written, "m.json").note == noted.note);

    const auto refused = [&](const std::string& note) {
        auto manifest = json::parse(written);
        manifest["note"] = note;
        return failure(manifest);
    };
    CHECK(refused("two\nlines") ==
          "'m.json' is not a manifest that can be used: 'note' has a line break, or another "
          "character that is not text");
    CHECK(refused("\x1b[31m").ends_with("is not text"));
    CHECK(refused("\xe2\x80\xae").ends_with("is not text"));
    CHECK(refused(std::string(200, 'x')).empty());
    CHECK(refused(std::string(201, 'x')).ends_with("'note' is longer than 200 bytes"));
}

TEST_CASE("fields that a later version adds are ignored") {
    CHECK(failure_with("/news", {1, 2}) == "");
    CHECK(failure_with("/media/news", "x") == "");
}

TEST_CASE("another format, and a version that is not known, is refused") {
    CHECK(has(failure_with("/version", 4),
              "'m.json' has version 4, but this mastobak knows versions up to 3; hint: "));
    CHECK(failure_with("/version", 0) != "");
    CHECK(failure_with("/version", "1") != "");
    CHECK(has(failure_with("/format", "other"), "is not 'mastobak-set'"));
    CHECK_THROWS_AS(store::parse_manifest("", "m.json"), Error);
    CHECK_THROWS_AS(store::parse_manifest("[]", "m.json"), Error);
    CHECK_THROWS_AS(store::parse_manifest("{\"version\": 1", "m.json"), Error);
    CHECK_THROWS_AS(store::parse_manifest(std::string(100'000, '['), "m.json"), Error);
}

TEST_CASE("names that lead out of the set are refused") {
    for (const std::string name :
         {"", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "-rf", "a b", "a\nb", "ü",
          "SHA256SUMS", "SHA256SUMS.sig", "manifest.json"}) {
        CAPTURE(name);
        CHECK(has(failure_with("/artifacts/0/name", name), "'artifacts[0].name'"));
        CHECK(has(failure_with("/media/packs/0/name", name), "'media.packs[0].name'"));
        CHECK(has(failure_with("/set", name), "'set'"));
    }
    CHECK(failure_with("/artifacts/0/name", std::string(256, 'a')) != "");
    CHECK(failure_with("/media/packs/0/name", "20261321T030000Z-0001.tar") != "");
}

TEST_CASE("numbers that cannot be are refused") {
    for (const auto& value : {json(-1), json(1.5), json(1e30), json("1"), json(true),
                              json(std::uint64_t{1} << 61), json(UINT64_MAX)}) {
        CAPTURE(value);
        CHECK(has(failure_with("/artifacts/0/size", value), "'artifacts[0].size'"));
        CHECK(has(failure_with("/downtime_ns", value), "'downtime_ns'"));
        CHECK(has(failure_with("/database/rows/public.accounts", value), "rows.public.accounts"));
    }
}

TEST_CASE("an artifact or pack that is named twice is refused") {
    const auto whole = json::parse(to_json(full()));
    CHECK(has(failure_with("/artifacts/1", whole["artifacts"][0]), "occurs twice"));
    CHECK(has(failure_with("/media/packs/1", whole["media"]["packs"][0]), "occurs twice"));
}
