// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/value.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using bus::Value;

TEST_CASE("a value from the bus as text: elements one a line, their members with spaces") {
    CHECK(Value{true}.text() == "true");
    CHECK(Value{std::int64_t{-3}}.text() == "-3");
    CHECK(Value{std::string("a b")}.text() == "a b");
    const Value list{Value::List{Value{std::string("A=1")}, Value{std::string("B=2")}}};
    CHECK(list.text() == "A=1\nB=2");
    const Value file{Value::List{Value{std::string("/etc/x")}, Value{false}}};
    CHECK(Value{Value::List{file, file}}.text() == "/etc/x false\n/etc/x false");
    CHECK(Value{Value::List{}}.text().empty());
}

TEST_CASE("a value of another type than expected is an error") {
    CHECK_THROWS_AS(Value{true}.string(), Error);
    CHECK_THROWS_AS(Value{std::string("x")}.list(), Error);
    CHECK_THROWS_AS(Value{std::string("x")}.number(), Error);
}
