// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/check_dump.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"

using mastobak::Error;
using mastobak::backup::check_row_counts;
using mastobak::postgres::RowCounts;

namespace {

std::string message_of(const RowCounts& counted, const RowCounts& dumped) {
    try {
        check_row_counts(counted, dumped);
        return "";
    } catch (const Error& error) {
        return error.text();
    }
}

}  // namespace

TEST_CASE("a dump with all rows is accepted, empty tables need not be in it") {
    CHECK_NOTHROW(check_row_counts({{"public.a", 3}, {"public.b", 0}}, {{"public.a", 3}}));
}

TEST_CASE("a dump that lacks rows is refused and the table named") {
    const auto message = message_of({{"public.a", 3}}, {{"public.a", 2}});
    CHECK(message.find("'public.a' has 2 of 3 rows") != std::string::npos);
}

TEST_CASE("a dump that lacks a table is refused") {
    CHECK_THROWS_AS(check_row_counts({{"public.a", 3}}, {}), Error);
}

TEST_CASE("a dump with rows that nobody counted is refused") {
    CHECK_THROWS_AS(check_row_counts({}, {{"public.a", 1}}), Error);
}

TEST_CASE("of many differences the first are named and the rest counted") {
    RowCounts counted;
    for (char c = 'a'; c <= 'j'; ++c) counted[std::string("t.") + c] = 1;
    CHECK(message_of(counted, {}).find("and 5 more tables") != std::string::npos);
}
