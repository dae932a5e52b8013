// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/message.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::notify;
using namespace std::chrono_literals;

namespace {

const auto start = *parse_iso8601("2026-11-22T03:00:00Z");
const Reason late{"offsite b2", "late"}, failed{"run", "the last run failed"};

/// Says what was sent: "", "unhealthy: run, offsite b2", "reminder: …", "recovery".
struct Target {
    Told told{};

    std::string hears(const std::vector<Reason>& reasons, std::chrono::nanoseconds after,
                      bool may_heal = true) {
        const auto news = health_news(told, reasons, may_heal, start + after);
        if (!news) return "";
        if (news->event == NotifyEvent::recovery) return "recovery";
        std::string keys;
        for (const auto& reason : news->reasons) keys += (keys.empty() ? "" : ", ") + reason.key;
        return (news->reminder ? "reminder: " : "unhealthy: ") + keys;
    }
};

}  // namespace

TEST_CASE("a target hears of each change of health once") {
    Target target;
    CHECK(target.hears({}, 0h) == "");
    CHECK(target.hears({failed}, 1h) == "unhealthy: run");
    CHECK(target.hears({failed}, 2h) == "");
    CHECK(target.hears({late, failed}, 3h) == "unhealthy: offsite b2, run");
    CHECK(target.hears({failed, late}, 4h) == "");
    CHECK(target.hears({}, 5h) == "recovery");
    CHECK(target.hears({}, 6h) == "");
    CHECK(target.hears({failed}, 7h) == "unhealthy: run");
}

TEST_CASE("a target is reminded once a day while a reason lasts") {
    Target target;
    CHECK(target.hears({late}, 0h) == "unhealthy: offsite b2");
    CHECK(target.hears({late}, 23h) == "");
    CHECK(target.hears({late}, 24h) == "reminder: offsite b2");
    CHECK(target.hears({late}, 25h) == "");
    CHECK(target.hears({late}, 48h) == "reminder: offsite b2");
    // A new reason has its message at once, and the day begins anew.
    CHECK(target.hears({late, failed}, 60h) == "unhealthy: run, offsite b2");
    CHECK(target.hears({late, failed}, 72h) == "");
    CHECK(target.hears({late, failed}, 84h) == "reminder: offsite b2, run");
}

TEST_CASE("a reason that ends while another lasts is news when it comes back") {
    Target target;
    CHECK(target.hears({late, failed}, 0h) == "unhealthy: offsite b2, run");
    CHECK(target.hears({late}, 1h) == "");
    CHECK(target.hears({late, failed}, 2h) == "unhealthy: run, offsite b2");
}

TEST_CASE("a run in progress does not hide the failure of the last one") {
    Target target;
    CHECK(target.hears({failed}, 0h) == "unhealthy: run");
    CHECK(target.hears({}, 1h, false) == "");
    CHECK(target.hears({failed}, 2h) == "");
    CHECK(target.hears({late}, 3h, false) == "unhealthy: offsite b2");
    CHECK(target.hears({late, failed}, 4h) == "");
    CHECK(target.hears({}, 5h) == "recovery");
}

TEST_CASE("a clock that is set back delays a reminder by a day at most") {
    Target target;
    CHECK(target.hears({failed}, 1000h) == "unhealthy: run");
    CHECK(target.hears({failed}, 0h) == "");
    CHECK(target.hears({failed}, 24h) == "reminder: run");
}
