// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>
#include <vector>

#include "core/text.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("the nearest word is found, and none that is far") {
    const std::vector<std::string> words{"host", "port",     "name",
                                         "user", "passfile", "max_downtime"};
    CHECK(nearest("hots", words) == "host");
    CHECK(nearest("prot", words) == "port");
    CHECK(nearest("pasfile", words) == "passfile");
    CHECK(nearest("maxdowntime", words) == "max_downtime");
    CHECK(nearest("max-down-time", words) == "max_downtime");
    CHECK(nearest("x", words) == "");
    CHECK(nearest("entirely", words) == "");
    CHECK(nearest("", words) == "");
}
