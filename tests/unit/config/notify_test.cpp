// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "config/load.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"

using namespace mastobak;
using namespace mastobak::test;
using config::NotifyEvent;

namespace {

config::Loaded load(const std::string& entry) {
    return config::load_text("notify:\n  - {" + entry + "}\n", "m.yaml");
}

std::string problems_of(const std::string& entry) {
    std::string all;
    for (const auto& problem : load(entry).problems) all += problem.to_string() + "\n";
    return all;
}

}  // namespace

TEST_CASE("a target has the events of its type, or those of its list") {
    using enum NotifyEvent;
    const auto on = [](const std::string& entry) {
        CHECK(problems_of(entry) == "");
        return load(entry).config.notify.at(0).on;
    };
    using Events = std::vector<NotifyEvent>;
    CHECK(on("name: a, type: healthchecks, url: 'https://a/x'") ==
          Events{start, success, warnings, failure});
    CHECK(on("name: a, type: ping, url_file: /x") == Events{success, warnings, failure});
    CHECK(on("name: a, type: mail, to: a@b") == Events{unhealthy, recovery});
    CHECK(on("name: a, type: command, command: [/bin/true]") == Events{unhealthy, recovery});
    CHECK(on("name: a, type: mail, to: a@b, on: [drill, failure, drill]") ==
          Events{drill, failure});
}

TEST_CASE("the URL of a target is in no message") {
    for (const auto* entry : {"name: a, type: ping, url: 'htps://a/secret'",
                              "name: a, type: ping, url: ['https://a/secret']",
                              "name: a, type: mail, to: a@b, url: 'https://a/secret'",
                              "name: a, type: ping, url: 'https://a/secret', proxy: 'secret'",
                              "name: a, type: ping, url: 'https://a/secret', url_file: /x",
                              "name: a, type: ping, url: 'https://a/secret', on: [start]"}) {
        const auto text = problems_of(entry);
        CAPTURE(text);
        CHECK(text != "");
        CHECK_FALSE(has(text, "secret'"));
        CHECK_FALSE(has(text, "//a/"));
    }
}

TEST_CASE("what a target lacks is reported") {
    CHECK(has(problems_of("name: a, type: healthchecks"), "'notify[0].url_file' is missing"));
    CHECK(has(problems_of("name: a, type: mail"), "'notify[0].to' is missing"));
    CHECK(has(problems_of("name: a, type: command"), "'notify[0].command' is missing"));
    CHECK(has(problems_of("type: mail, to: a@b"), "'notify[0].name' is missing"));
    CHECK(has(problems_of("name: a, type: command, command: [rm]"), "its whole path"));
    CHECK(has(problems_of("name: a, type: mail, to: a@b, on: []"), "a list of events"));
    CHECK(
        has(problems_of("name: a, type: mail, to: a@b, on: [faliure]"), "did you mean 'failure'"));
    CHECK(has(problems_of("name: a, type: mail, to: a@b, log: true"),
              "it is for type healthchecks only"));
    CHECK(problems_of("name: a, type: mail, to: \"a@b\\nBcc: c@d\"") != "");
    CHECK(has(problems_of("name: a/b, type: mail, to: a@b"), "is not a name"));
}

TEST_CASE("hooks after a run cannot fail it") {
    const auto text = [](const std::string& yaml) {
        const auto loaded = config::load_text(yaml, "m.yaml");
        return loaded.problems.empty() ? std::string() : loaded.problems.front().text;
    };
    CHECK(text("hooks: {before_run: {command: [/bin/true], on_failure: warn, timeout: 1 h}}") ==
          "");
    CHECK(has(text("hooks: {after_run: {on_failure: stop}}"), "unknown key"));
    CHECK(has(text("hooks: {before_freeze: {timeout: 2 min}}"), "2 min"));
}
