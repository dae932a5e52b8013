// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/polkit_rule.hpp"

#include "support/catch.hpp"

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
