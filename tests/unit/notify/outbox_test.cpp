// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/outbox.hpp"

#include <fmt/format.h>

#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::notify;
using namespace std::chrono_literals;

namespace {

const auto now = *parse_iso8601("2026-11-22T03:00:00.5Z");

NotifyTarget target_called(const std::string& name, bool log = false) {
    return {.name = name, .type = NotifyType::healthchecks, .on = {}, .url = {}, .log = log};
}

Message message_about(const std::string& subject) {
    Message message;
    message.event = NotifyEvent::failure;
    message.at = now;
    message.good = false;
    message.subject = subject;
    message.body = "body";
    message.log = "log";
    message.run = "20261122T030000Z";
    message.exit_status = 15;
    message.took = 1500ms;
    message.facts = {{"ERROR", "ä"}};
    return message;
}

}  // namespace

TEST_CASE("messages for a target are sent in order, with growing pauses after a failure") {
    Outbox outbox;
    outbox.add(target_called("a"), message_about("one"), now);
    outbox.add(target_called("a"), message_about("two"), now);
    outbox.add(target_called("b"), message_about("three"), now);
    CHECK(outbox.next() == now);
    auto first = outbox.due("a", now);
    REQUIRE(first);
    CHECK(first->message.subject == "one");
    CHECK(outbox.due("b", now)->message.subject == "three");

    auto time = now;
    for (const auto delay : {10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s}) {
        CHECK_FALSE(outbox.failed(first->id, time));
        CHECK_FALSE(outbox.due("a", time + delay - 1s));
        CHECK(outbox.due("a", time + delay)->message.subject == "one");
        time += delay;
    }
    CHECK(outbox.due("b", now)->message.subject == "three");
    CHECK(outbox.next() == now);
    outbox.sent(first->id);
    CHECK(outbox.due("a", now)->message.subject == "two");
    CHECK(outbox.letters().size() == 2);
}

TEST_CASE("a message is given up after a day, and the oldest when there are too many") {
    Outbox outbox;
    outbox.add(target_called("a"), message_about("one"), now);
    const auto id = outbox.letters().front().id;
    CHECK_FALSE(outbox.failed(id, now + 23h));
    CHECK(outbox.failed(id, now + 24h));
    CHECK(outbox.letters().empty());
    for (int n = 0; n < 40; ++n)
        outbox.add(target_called("a"), message_about(std::to_string(n)), now);
    outbox.add(target_called("b"), message_about("b"), now);
    CHECK(outbox.letters().size() == 33);
    CHECK(outbox.due("a", now)->message.subject == "8");
    outbox.keep({target_called("b")});
    CHECK(outbox.letters().size() == 1);
}

TEST_CASE("a clock that is set back does not delay a message") {
    Outbox outbox;
    outbox.add(target_called("a"), message_about("one"), now);
    outbox.failed(outbox.letters().front().id, now);
    CHECK(outbox.due("a", now - 48h));
}

TEST_CASE("an outbox survives a restart, and a damaged file is an empty one") {
    const test::TemporaryDirectory directory;
    const auto file = outbox_file(directory.path());
    Outbox outbox;
    outbox.add(target_called("a", true), message_about("one"), now);
    outbox.add(target_called("b"), message_about("two"), now);
    outbox.failed(outbox.letters().front().id, now);
    outbox.told("a") = {{"run", "offsite b2"}, now};
    outbox.write(file);
    auto again = Outbox::read(file);
    REQUIRE(again.letters().size() == 2);
    const auto& letter = again.letters().front();
    CHECK(letter.target == "a");
    CHECK(letter.attempts == 1);
    CHECK(letter.next_attempt == now + 10s);
    CHECK(letter.queued_at == now);
    const auto wanted = message_about("one");
    CHECK(letter.message.event == wanted.event);
    CHECK(letter.message.at == now);
    CHECK_FALSE(letter.message.good);
    CHECK(letter.message.log == "log");
    CHECK(letter.message.exit_status == 15);
    CHECK(letter.message.took == 1500ms);
    CHECK(letter.message.facts == wanted.facts);
    // Only a target with `log` gets the log.
    CHECK(again.letters().back().message.log == "");
    CHECK(again.told("a").keys == std::vector<std::string>{"run", "offsite b2"});
    CHECK(again.told("a").at == now);
    again.write(file);
    CHECK(test::read(file) == [&] {
        outbox.write(file);
        return test::read(file);
    }());
    // Numbers and times at the limits of their types.
    for (const auto* time : {"1970-01-01T00:00:00Z", "2200-12-31T00:00:00Z"}) {
        write_file(file, fmt::format(R"({{"letters": [{{"id": 18446744073709551615, "target": "a",
            "message": {{"event": "failure", "at": "{0}", "subject": "x", "exit_status": 2147483647,
                        "took_milliseconds": 9223372036854775807}},
            "queued_at": "{0}", "attempts": 2147483647, "next_attempt": "{0}"}}],
            "targets": [{{"name": "a", "reasons": [], "at": "{0}"}}]}})",
                                     time));
        auto hostile = Outbox::read(file);
        REQUIRE(hostile.letters().size() == 1);
        CHECK(hostile.due("a", now));
        CHECK(hostile.next());
        const auto id = hostile.letters().front().id;
        CHECK((hostile.failed(id, now) || hostile.failed(id, now + 25h)));
        hostile.add(target_called("a"), message_about("one"), now);
        hostile.write(file);
        CHECK_FALSE(health_news(hostile.told("a"), {}, true, now));
        CHECK(health_news(hostile.told("a"), {{"run", "failed"}}, true, now));
    }
    for (const auto* damaged :
         {"", "{", "[]", R"({"letters": [{"id": -1}]})", R"({"letters": 1})"}) {
        write_file(file, damaged);
        CHECK(Outbox::read(file).letters().empty());
    }
}
