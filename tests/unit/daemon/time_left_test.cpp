// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/run_progress.hpp"
#include "support/catch.hpp"

using namespace mastobak::daemon;
using namespace std::chrono_literals;

TEST_CASE("the time that is left is foreseen from what was done since it was first looked at") {
    const TimeLeft::Time begin{};
    TimeLeft left;
    CHECK_FALSE(left.after(-1, begin));
    CHECK_FALSE(left.after(0.25, begin));
    CHECK_FALSE(left.after(0.9, begin + 100ms));
    CHECK(left.after(0.5, begin + 40s) == 80s);
    CHECK(left.after(1, begin + 80s) == 0s);
    // The work started again.
    CHECK_FALSE(left.after(0.125, begin + 90s));
    CHECK_FALSE(left.after(0.13, begin + 100s));
    CHECK(left.after(0.25, begin + 100s) == 60s);
    CHECK_FALSE(left.after(1.5, begin + 100s));
}
