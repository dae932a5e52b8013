// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/dotenv.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using mastodon::Environment;

namespace {

Environment parse(std::string_view text, const Environment& known = {}) {
    return mastodon::parse_dotenv(text, "/srv/.env.production", known);
}

std::string value(std::string_view text) {
    return parse(text).at("A");
}

}  // namespace

TEST_CASE("plain values are trimmed, and end at a comment") {
    CHECK(value("A=b") == "b");
    CHECK(value("  A = b c  ") == "b c");
    CHECK(value("export A=b") == "b");
    CHECK(value("A: b") == "b");
    CHECK(value("A=b # comment") == "b");
    CHECK(value("A=b#c") == "b");
    CHECK(value("A=") == "");
    CHECK(value("A=#c") == "");
    CHECK(value("A=b\\ c") == "b c");
    CHECK(value("A=1\nA=2") == "2");
}

TEST_CASE("quotes keep what they hold") {
    CHECK(value("A=\"b#c\" # comment") == "b#c");
    CHECK(value("A='b#c' # comment") == "b#c");
    CHECK(value("A= \" b \"") == " b ");
    CHECK(value("A=\"b\\\"c\"") == "b\"c");
    CHECK(value("A='b\\'c'") == "b\\'c");
    CHECK(value("A='$B\\n'") == "$B\\n");
    CHECK(value("A=\"one\ntwo\"\nB=3") == "one\ntwo");
    CHECK(parse("A='one\ntwo'\nB=3").at("B") == "3");
}

TEST_CASE("quotes that do not end are a part of the value") {
    CHECK(value("A=\"b") == "\"b");
    CHECK(value("A=\"b\"c") == "\"b\"c");
    CHECK(value("A=b'c") == "b'c");
    CHECK(parse("A=\"b\nB=2").at("B") == "2");
}

TEST_CASE("a backslash may be the last character of a password in quotes") {
    CHECK(value("A=\"b\\\"\nB=2") == "b\\");
    CHECK(value("A=\"b\\\\\"") == "b\\");
}

TEST_CASE("line breaks are escaped as two characters, unless the old mode is asked for") {
    CHECK(value("A=\"b\\nc\\r\"") == "b\\nc\\r");
    CHECK(value("DOTENV_LINEBREAK_MODE=legacy\nA=\"b\\nc\"") == "b\nc");
}

TEST_CASE("variables are those of earlier files, then those of earlier lines") {
    CHECK(value("B=1\nA=$B-${B}c") == "1-1c");
    CHECK(value("B=1\nA=\"x $B\"") == "x 1");
    CHECK(value("A=x${NOWHERE}y") == "xy");
    CHECK(parse("B=1\nA=$B", {{"B", "known"}}).at("A") == "known");
    CHECK(value("A=\"\\$B \\${B}\"") == "$B ${B}");
    CHECK(value("A=\"b $ \"") == "b $ ");
}

TEST_CASE("commands are never run") {
    CHECK(value("A=$(echo hello)") == "$(echo hello)");
    CHECK(value("A=\\$(echo hello)") == "$(echo hello)");
}

TEST_CASE("lines that assign nothing are passed over") {
    CHECK(parse("# A=1\n\n \t \nlol$wut\n= 5\nB=2") == Environment{{"B", "2"}});
    CHECK(parse("A=1\r\nB=2\rC=3").size() == 3);
    CHECK(parse("X.Y=1").at("X.Y") == "1");
}

TEST_CASE("an export of what is never set is an error with its line") {
    CHECK(parse("A=1\nexport A") == Environment{{"A", "1"}});
    try {
        parse("A=1\n\nexport B");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::config);
        CHECK(error.text() == "/srv/.env.production:3: 'B' is exported but never set");
    }
}
