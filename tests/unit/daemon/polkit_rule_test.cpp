// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/polkit_rule.hpp"

#include <filesystem>
#include <regex>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

TEST_CASE("units with usual names need no rule, and others have exactly their names in one") {
    CHECK(polkit_rule({}, {}).text.empty());
    CHECK(polkit_rule({"mastodon-web.service", "mastodon-streaming@4000.service",
                       "mastodon-sidekiq-mailers.service"},
                      {})
              .text.empty());
    const auto rule = polkit_rule(
        {"mastodon-web.service", "fedi-web.service", "x\"];evil(\".service"}, Instance("fedi"));
    CHECK(rule.file == "/etc/polkit-1/rules.d/45-mastobak@fedi.rules");
    CHECK(rule.text.find(R"(var units = ["fedi-web.service","x\"];evil(\".service"];)") !=
          std::string::npos);
    CHECK(rule.text.find("mastodon-web") == std::string::npos);
    CHECK(rule.text.find("transient") != std::string::npos);
}

TEST_CASE("a unit needs a rule unless the package's own permits it") {
    const auto rules = test::read(std::filesystem::path(SOURCE_DIR) / "systemd/50-mastobak.rules");
    std::smatch found;
    REQUIRE(std::regex_search(rules, found, std::regex(R"(var units = /\^(.*)\$/;)")));
    const std::regex permitted(found[1].str());
    for (const std::string unit :
         {"mastodon-web.service", "mastodon-web@1.service", "mastodon-webs.service",
          "mastodon-sidekiq.service", "mastodon-sidekiq-mailers@2.service",
          "mastodon-streaming@4000.service", "mastodon-streaming .service", "fedi-web.service",
          "mastodon-sidekiq.socket", "x-mastodon-web.service"}) {
        CAPTURE(unit);
        CHECK(polkit_rule({unit}, {}).text.empty() == std::regex_match(unit, permitted));
    }
}
