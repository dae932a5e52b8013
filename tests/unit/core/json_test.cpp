// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/json.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace mastobak;

namespace {

template <typename T>
bool is_taken(const char* text) {
    try {
        static_cast<void>(Json::parse(text).get<T>());
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

}  // namespace

TEST_CASE("an integer is taken from JSON only if it is one that the type holds") {
    CHECK(Json::parse("18446744073709551615").get<std::uint64_t>() == UINT64_MAX);
    CHECK(Json::parse("-9223372036854775808").get<std::int64_t>() == INT64_MIN);
    CHECK(Json::parse("-2147483648").get<int>() == INT32_MIN);
    CHECK(Json::parse(R"({"size": 7})").value("size", std::uint64_t{0}) == 7);
    CHECK(Json::parse("[1, 2]").get<std::vector<int>>() == std::vector{1, 2});
    CHECK(Json(std::uint64_t{7}).dump() == "7");

    CHECK_FALSE(is_taken<std::uint64_t>("-1"));
    CHECK_FALSE(is_taken<std::uint64_t>("1e90"));
    CHECK_FALSE(is_taken<std::uint64_t>("18446744073709551616"));
    CHECK_FALSE(is_taken<std::uint64_t>("1.5"));
    CHECK_FALSE(is_taken<std::uint64_t>("true"));
    CHECK_FALSE(is_taken<std::uint64_t>("\"7\""));
    CHECK_FALSE(is_taken<std::uint64_t>("null"));
    CHECK_FALSE(is_taken<std::int64_t>("9223372036854775808"));
    CHECK_FALSE(is_taken<int>("2147483648"));
    CHECK_FALSE(is_taken<int>("-2147483649"));
    CHECK_FALSE(is_taken<std::vector<int>>("[1, 1e90]"));
}

TEST_CASE("what is not an integer is taken from JSON as before") {
    CHECK(Json::parse("true").get<bool>());
    CHECK(Json::parse("3").get<double>() == 3.0);
    CHECK(Json::parse("\"a\"").get<std::string>() == "a");
}
