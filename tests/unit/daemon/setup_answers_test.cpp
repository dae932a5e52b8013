// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include "config/load.hpp"
#include "core/error.hpp"
#include "daemon/setup/answers.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

constexpr auto file = "/etc/mastobak/mastobak.yaml";

config::Config config_of(const std::string& text) {
    auto loaded = config::load_text(text, file);
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(problem.to_string());
    REQUIRE(loaded.problems.empty());
    loaded.config.source = file;
    return loaded.config;
}

AnsweredText answered(const std::string& text, const SetupAnswers& answers) {
    return with_answers(text, config_of(text), answers);
}

}  // namespace

TEST_CASE("answers are added to an empty configuration") {
    const auto made =
        answered("# mine\n",
                 {.remotes = {"rclone:b2-crypt:", "rsync:me@box.example:/b", "/mnt/disk/mastobak/"},
                  .healthchecks = {"https://hc-ping.com/secret"},
                  .mails = {"admin@example.org"},
                  .at = "04:30"});
    CHECK(made.text.starts_with("# mine\n"));
    CHECK(made.text.find("secret") == std::string::npos);
    const auto config = config_of(made.text);
    REQUIRE(config.offsite.size() == 3);
    CHECK(config.offsite[0].name == "b2-crypt");
    CHECK(config.offsite[0].target == "b2-crypt:");
    CHECK(config.offsite[1].name == "box.example");
    CHECK(config.offsite[1].type == config::RemoteType::rsync);
    CHECK(config.offsite[2].name == "mastobak");
    CHECK(config.offsite[2].target == "/mnt/disk/mastobak");
    REQUIRE(config.notify.size() == 2);
    CHECK(config.notify[0].url_file == "/etc/mastobak/notify-healthchecks.url");
    CHECK(config.notify[1].to == "admin@example.org");
    CHECK(made.remotes == config.offsite);
    REQUIRE(made.files.size() == 1);
    CHECK(made.files[0].path == "/etc/mastobak/notify-healthchecks.url");
    CHECK(made.files[0].contents == "https://hc-ping.com/secret\n");
}

TEST_CASE("all that an admin has written is kept") {
    const auto before = GENERATE(as<std::string>{},
                                 "offsite:\n  - name: b2\n    type: rclone\n    target: \"b2:\"\n"
                                 "    # a comment\n\n# the drill\ndrill:\n  schedule: weekly\n",
                                 "offsite: # all of them\n- name: b2\n  type: rclone\n"
                                 "  target: \"b2:\"\ndrill: {schedule: weekly}",
                                 "drill: {schedule: weekly}\noffsite:\n\n    - name: b2\n"
                                 "      type: rclone\n      target: \"b2:\"");
    const auto made = answered(before, {.remotes = {"rclone:b2:other", "/srv/b2"}});
    const auto config = config_of(made.text);
    REQUIRE(config.offsite.size() == 3);
    CHECK(config.offsite[0].target == "b2:");
    CHECK(config.offsite[1].name == "b2-2");
    CHECK(config.offsite[2].name == "b2-3");
    CHECK(config.drill.schedule == config::DrillSchedule::weekly);
    // Each line of before is there, in its order.
    std::size_t at = 0;
    for (std::size_t from = 0; from < before.size();) {
        const auto to = std::min(before.find('\n', from), before.size());
        at = made.text.find(before.substr(from, to - from), at);
        REQUIRE(at != std::string::npos);
        from = to + 1;
    }
    // The same answers again change nothing.
    CHECK(answered(made.text, {.remotes = {"rclone:b2:other", "/srv/b2"}}).text == made.text);
}

TEST_CASE("the key of the recovery file is added once") {
    const auto made = answered("", {.age_key = "age1abc"});
    CHECK(config_of(made.text).recovery.age_key == "age1abc");
    CHECK(answered(made.text, {.age_key = "age1abc"}).text == made.text);
    CHECK_THROWS_AS(answered(made.text, {.age_key = "age1other"}), Error);
    CHECK_THROWS_AS(answered("", {.age_key = "abc"}), Error);
}

TEST_CASE("a new remote of rclone is one of the file that the others are in") {
    const std::string before =
        "offsite:\n  - name: b2\n    type: rclone\n    target: \"b2:\"\n"
        "    rclone_config: /root/rclone.conf\n";
    const auto made = answered(before, {.remotes = {"rclone:b2:other", "/srv/b2"}});
    const auto config = config_of(made.text);
    CHECK(config.offsite.at(1).rclone_config == "/root/rclone.conf");
    CHECK(config.offsite.at(2).rclone_config == config::Remote().rclone_config);
}

TEST_CASE("an answer that is not valid is refused") {
    const auto text =
        GENERATE(as<std::string>{}, "", "offsite: []\nschedule: {daily_at: \"03:00\"}\n");
    const bool is_empty = text.empty();
    CHECK_THROWS_AS(answered(text, {.remotes = {"b2"}}), Error);
    CHECK_THROWS_AS(answered(text, {.remotes = {"rclone:b2"}}), Error);
    CHECK_THROWS_AS(answered(text, {.remotes = {""}}), Error);
    CHECK_THROWS_AS(answered(text, {.pings = {"no URL"}}), Error);
    CHECK_THROWS_AS(answered(text, {.mails = {"a\nb"}}), Error);
    CHECK_THROWS_AS(answered(text, {.at = "25:00"}), Error);
    if (!is_empty) {
        CHECK_THROWS_AS(answered(text, {.remotes = {"/srv/disk"}}), Error);
        CHECK_THROWS_AS(answered(text, {.at = "04:00"}), Error);
    }
}
