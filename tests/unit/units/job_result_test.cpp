// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/catch.hpp"
#include "units/systemd_control.hpp"

using namespace mastobak::units;

TEST_CASE("a job of systemd that had nothing to do is a success, all others but 'done' are none") {
    CHECK(result_of_job("done") == JobResult::done);
    CHECK(result_of_job("skipped") == JobResult::done);
    for (const auto* word : {"failed", "timeout", "dependency", "canceled", "invalid", "once", ""})
        CHECK(result_of_job(word) == JobResult::failed);
}
