// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/ledger.hpp"

#include <string>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::scrub;

namespace {

const auto now = *parse_iso8601("2026-11-22T03:00:00Z");

Ledger some_ledger() {
    Ledger ledger;
    ledger.sets = {"20261121T030000Z"};
    ledger.listed_at = ledger.attempt_since = ledger.slice_at = now;
    ledger.problem = "no route to host";
    Record read{{7}, {{1, 2, 3}}, now};
    read.read_at = now;
    read.by = "md5";
    read.failures = 2;
    read.damage = Damage{now, "its contents changed", {"a/b"}, 9, {"20261121T030000Z"}, "staging"};
    ledger.objects["media/20261121T030000Z-0001.tar"] = read;
    ledger.objects["sets/20261121T030000Z/database.dump.zst"] = Record{{5}, {{4}}, now};
    return ledger;
}

}  // namespace

TEST_CASE("a ledger is read as it was written") {
    test::TemporaryDirectory state;
    CHECK(read_ledger(state.path(), "b2") == Ledger{});
    change_ledger(state.path(), "b2", [](Ledger& ledger) { ledger = some_ledger(); });
    CHECK(read_ledger(state.path(), "b2") == some_ledger());
    Ledger interrupted;
    auto& record = interrupted.objects["media/x.tar"];
    record = Record{{500}, {{4}}, now};
    record.partial = Partial{now, {{{5, 6}}, 128}, true};
    CHECK(parse_ledger(to_json(interrupted), "x") == interrupted);
    CHECK(read_ledger(state.path(), staging_place) == Ledger{});
    // A remote with the name 'staging' is another place.
    CHECK(ledger_file(state.path(), "staging") != ledger_file(state.path(), staging_place));
}

TEST_CASE("a ledger that another user wrote is as good as none") {
    for (const auto* text :
         {"", "[]", "{", "null", "{\"objects\":[]}", "{\"objects\":{\"media/x\":7}}",
          "{\"objects\":{\"../x\":{\"sha256\":\"00\"}},\"sets\":7,\"problem\":{}}"}) {
        CAPTURE(text);
        test::TemporaryDirectory state;
        std::filesystem::create_directory(ledger_directory(state.path()));
        test::write(ledger_file(state.path(), "x"), text);
        CHECK(read_ledger(state.path(), "x").objects.empty());
    }
    CHECK_THROWS_AS(parse_ledger(std::string(100'000, '['), "x"), Error);
    CHECK_THROWS_AS(parse_ledger("{\"a\":" + std::string(50'000, '{'), "x"), Error);
    test::TemporaryDirectory state;
    std::filesystem::create_directory(ledger_directory(state.path()));
    std::filesystem::create_symlink("/etc/passwd", ledger_file(state.path(), "x"));
    CHECK(read_ledger(state.path(), "x") == Ledger{});
}

TEST_CASE("what a ledger says of names, times and numbers is bounded") {
    const auto digest = std::string(64, 'a');
    const auto object = [&](const std::string& more) {
        return "{\"objects\":{\"media/x.tar\":{\"size\":18446744073709551615,\"sha256\":\"" +
               digest + "\",\"known_since\":\"2026-11-22T03:00:00Z\"" + more + "}}}";
    };
    CHECK(parse_ledger(object(""), "x").objects.size() == 1);
    auto ledger =
        parse_ledger(object(",\"read_at\":\"1601-01-01T00:00:00Z\",\"failures\":99999999"), "x");
    CHECK_FALSE(ledger.objects.begin()->second.read_at);
    CHECK(ledger.objects.begin()->second.failures == 1000);
    ledger = parse_ledger(object(",\"damage\":{\"problem\":\"\\u001b[2J" + std::string(5000, 'x') +
                                 "\",\"sets\":[\"../..\",\"20261121T030000Z\"]}"),
                          "x");
    const auto damage = ledger.objects.begin()->second.damage;
    REQUIRE(damage);
    CHECK(damage->problem.size() < 1100);
    CHECK(damage->problem.find('\x1b') == std::string::npos);
    CHECK(damage->sets == std::vector<std::string>{"20261121T030000Z"});
    for (const auto* bytes : {"65", "18446744073709551552", "\"64\"", "-64", "1e300"}) {
        CAPTURE(bytes);
        ledger =
            parse_ledger(object(",\"partial\":{\"since\":\"2026-11-22T03:00:00Z\",\"hash\":\"" +
                                digest + "\",\"bytes\":" + bytes + "}"),
                         "x");
        const auto& partial = ledger.objects.begin()->second.partial;
        CHECK((!partial || partial->hash.bytes % 64 == 0));
    }
    ledger = parse_ledger(object(",\"partial\":[]"), "x");
    CHECK_FALSE(ledger.objects.begin()->second.partial);
    // The sum of all sizes does not overflow.
    CHECK(summarize("x", ledger, std::chrono::hours(24), now).objects == 1);
    for (const auto* name : {"media/../x", "sets/x/y", "/etc/passwd", "media/a b", "other/x"}) {
        auto text = object("");
        text.replace(text.find("media/x.tar"), 11, name);
        CHECK(parse_ledger(text, "x").objects.empty());
    }
}

TEST_CASE("a summary says how much was read within the period, and what is damaged") {
    auto ledger = some_ledger();
    auto& old = ledger.objects["media/20261121T030000Z-0002.tar"];
    old = Record{{11}, {{7}}, now - std::chrono::hours(2400)};
    old.read_at = now - std::chrono::hours(2400);
    const auto summary = summarize("b2", ledger, std::chrono::hours(24 * 90), now);
    CHECK(summary.objects == 3);
    CHECK(summary.bytes == Bytes{23});
    CHECK(summary.read == Bytes{7});
    CHECK(summary.never_read == Bytes{5});
    CHECK(summary.oldest_read == old.read_at);
    CHECK(summary.newest_read == now);
    REQUIRE(summary.damaged.size() == 1);
    CHECK(summary.damaged.begin()->second.good_copy == "staging");
    CHECK(summarize("b2", ledger, {}, now).read == Bytes{18});
}
