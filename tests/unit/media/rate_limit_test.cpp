// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/rate_limit.hpp"

#include <atomic>
#include <thread>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::media;
using namespace std::chrono_literals;

namespace {

constexpr RateLimit::Time start{1h};

}  // namespace

TEST_CASE("a rate limit spreads bytes over the time that they are allowed to take") {
    RateLimit limit(Bytes{1000});
    CHECK(limit.reserve(Bytes{500}, start) == start);
    const auto second = limit.reserve(Bytes{2000}, start);
    CHECK(second > start + 400ms);
    CHECK(second <= start + 500ms);
    CHECK(limit.reserve(Bytes{1}, start) == second + 2s);
}

TEST_CASE("a rate limit allows no burst after a pause") {
    RateLimit limit(Bytes{1000});
    limit.reserve(Bytes{1}, start);
    const auto later = start + 1h;
    CHECK(limit.reserve(Bytes{1000}, later) == later);
    CHECK(limit.reserve(Bytes{1}, later) > later + 900ms);
}

TEST_CASE("without a rate limit, no reader waits") {
    RateLimit limit(std::nullopt);
    for (int i = 0; i < 3; ++i) CHECK(limit.reserve(Bytes{std::uint64_t{1} << 40}, start) == start);
}

TEST_CASE("a stop ends the wait for a rate limit at once") {
    RateLimit limit(Bytes{1});
    limit.wait_for(Bytes{1'000'000}, {});
    std::stop_source stop;
    std::atomic<bool> cancelled = false;
    {
        std::jthread waiting([&] {
            try {
                limit.wait_for(Bytes{1}, stop.get_token());
            } catch (const Error& error) {
                cancelled = error.code() == Errc::cancelled;
            }
        });
        stop.request_stop();
    }
    CHECK(cancelled);
}
