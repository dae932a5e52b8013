// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/dotenv.hpp"

#include <fmt/format.h>

#include <chrono>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using mastodon::Environment;

namespace {

mastodon::Dotenv parsed(std::string_view text, const Environment& known = {},
                        std::optional<unsigned> gem = {}) {
    return mastodon::parse_dotenv(text, "/srv/.env.production", {known, {}}, gem);
}

Environment parse(std::string_view text, const Environment& known = {}) {
    return parsed(text, known).values;
}

/// Returns why the value of A cannot be known.
std::string gap(std::string_view text) {
    const auto result = parsed(text);
    CHECK_FALSE(result.values.contains("A"));
    return result.unknowns.at("A");
}

std::string refusal(std::string_view text) {
    try {
        parse(text);
    } catch (const Error& error) {
        CHECK(error.code() == Errc::config);
        return error.text();
    }
    return "was read";
}

std::string value(std::string_view text) {
    return parse(text).at("A");
}

/// The value of A in version 2 of the gem (Mastodon 4.2), and in version 3.
std::string in_2(std::string_view text) {
    return parsed(text, {}, 2).values.at("A");
}
std::string in_3(std::string_view text) {
    return parsed(text, {}, 3).values.at("A");
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

TEST_CASE("a quoted value may begin on a later line than its name") {
    CHECK(value("A=\n \n  'b c'\nB=1") == "b c");
    CHECK(value("A=\nB='b c'") == "");
    CHECK(value("A=\n\"b\" c\nB=1") == "");
}

TEST_CASE("what a name without a value means depends on the version, and is not known") {
    CHECK(gap("A=1\n A # c\n") ==
          "/srv/.env.production:2: 'A' is not followed by '=', and what that means depends on "
          "Mastodon's version");
    CHECK(value("A\nA=1") == "1");
    CHECK(value("A=1\nA b\n#A\nexport A\n") == "1");
    CHECK(in_2("A=1\n A # c\n") == "1");
    CHECK(in_3("A=1\n A # c\n") == "");
}

TEST_CASE("what is exported has the value of its line") {
    for (const auto& value :
         {in_2("export A=b c # d"), in_3("export A=b c # d"), in_2("B=1\n\texport  A=\"b c\""),
          in_3("B=1\n\texport  A=\"b c\""), in_3("export A='b c'"), value("export A: b c")})
        CHECK(value == "b c");
    // Without a value, version 2 sets an empty value, and version 3 keeps the old one.
    CHECK(in_2("A=1\nexport A=") == "");
    CHECK(in_3("A=1\nexport A=") == "1");
    CHECK(in_3("A=1\nexport A=#c\nB=") == "1");
    CHECK(in_3("A=1\nexport A= ") == "");
    CHECK(in_3("A=1\nexport A=\n\"2\"") == "2");
    CHECK(gap("A=1\nexport A=") ==
          "/srv/.env.production:2: 'A' is exported without a value, and what that means depends on "
          "Mastodon's version");
    CHECK(value("export A=") == "");
    CHECK(parsed("export A=", {{"A", "known"}}, 3).values.empty());
    CHECK_THROWS_WITH(parsed("\nexport A=", {}, 3),
                      Catch::Contains(":2: 'A' is exported but never set"));
    // Version 3 ignores a line with several names.
    CHECK(parsed("export A B", {}, 3).values.empty());
    CHECK(parsed("export A B").values.empty());
    CHECK_THROWS(parsed("export A B", {}, 2));
    CHECK(parsed("export 'A'", {}, 3).values.empty());
    CHECK(in_3("A=1\nexport A: ") == "1");
    CHECK(in_3("A=1\nexport A: 2") == "2");
    CHECK(value("A=\"pa ss\\$(\"") == "pa ss\\$(");
    CHECK(value("A=\"\\$(pa ss)\"") == "$(pa ss)");
}

TEST_CASE("a backslash may be the last character of a password in quotes") {
    CHECK(value("A=\"b\\\"\nB=2") == "b\\");
    CHECK(value("A=\"b\\\\\"") == "b\\");
}

TEST_CASE("line breaks are escaped as two characters, unless the old mode is asked for") {
    CHECK(in_3("A=\"b\\nc\\r\"") == "b\\nc\\r");
    CHECK(in_2("A=\"b\\nc\\r\"") == "b\nc\r");
    CHECK(in_2("A=\"b\\\\nc\"") == "b\nc");
    CHECK(in_3("A=\"b\\\\nc\"") == "b\\nc");
    for (const auto* text : {"A='b\\nc'", "A=b\\\\nc"}) {
        CHECK(in_2(text) == "b\\nc");
        CHECK(in_3(text) == "b\\nc");
        CHECK(value(text) == "b\\nc");
    }
    CHECK(value("DOTENV_LINEBREAK_MODE=legacy\nA=\"b\\nc\"") == "b\nc");
    CHECK(in_3("DOTENV_LINEBREAK_MODE=legacy\nA=\"b\\nc\"") == "b\nc");
    CHECK(gap("\nA=\"b\\nc\"") ==
          "/srv/.env.production:2: 'A' has '\\n' or '\\r' in double quotes, and what that means "
          "depends on Mastodon's version");
}

TEST_CASE("Gemfile.lock says which version of the gem reads the files") {
    const std::string lock =
        "GEM\n  specs:\n    dotenv-rails (1.0.0)\n      dotenv (= 1.0.0)\n    dotenv (";
    CHECK(mastodon::gem_of_lock(lock + "2.8.1)\n") == 2U);
    CHECK(mastodon::gem_of_lock(lock + "3.1.8)\n") == 3U);
    for (const std::string wrong : {"", "x)", "3", "99999999999.1)", "-3.1)"})
        CHECK(mastodon::gem_of_lock(lock + wrong) == std::nullopt);
    CHECK(mastodon::gem_of_lock("DEPENDENCIES\n  dotenv\n") == std::nullopt);
}

TEST_CASE("variables are those of earlier files, then those of earlier lines") {
    CHECK(value("B=1\nA=$B-${B}c") == "1-1c");
    CHECK(value("B=1\nA=\"x $B\"") == "x 1");
    CHECK(gap("\nA=x${NOWHERE}y") ==
          "/srv/.env.production:2: 'A' takes '$NOWHERE', which is not set");
    CHECK(parse("B=1\nA=$B", {{"B", "known"}}).at("A") == "known");
    CHECK(value("A=\"\\$B \\${B}\"") == "$B ${B}");
    CHECK(value("A=\"b $ \"") == "b $ ");
}

TEST_CASE("commands are never run: what they would give is not known") {
    CHECK(gap("A=$(echo hello)") ==
          "/srv/.env.production:1: 'A' comes from a command, '$(…)', which mastobak does not run");
    CHECK_THAT(gap("A=\"x $(cat /run/secret)\""), Catch::Contains("command"));
    CHECK_THAT(gap("B=$(x)\nA=a$B"), Catch::Contains("takes '$B', whose value"));
    CHECK_THAT(gap("B='$(x)'\nA=$B"), Catch::Contains("command"));
    CHECK(value("A=\\$(echo hello)") == "$(echo hello)");
    CHECK(value("A='$(echo hello)'") == "$(echo hello)");
    CHECK(value("A=$(echo hello") == "$(echo hello");
    CHECK(value("A=$(x)\nA=2") == "2");
    CHECK_THAT(gap("A=2\nA=$(x)"), Catch::Contains(":2:"));
}

TEST_CASE("the first of several files that has a variable wins, known or not") {
    mastodon::Dotenv known;
    add_dotenv("A=$(x)\nB=1", "/srv/.env.local", known);
    add_dotenv("A=2\nB=$(x)\nC=$A", "/srv/.env.production", known);
    CHECK(known.values == Environment{{"B", "1"}});
    CHECK(known.unknowns.at("A").starts_with("/srv/.env.local:1:"));
    CHECK(known.unknowns.at("C").starts_with("/srv/.env.production:3:"));
}

TEST_CASE("a byte-order mark is not a part of the first name") {
    CHECK(value("\xEF\xBB\xBF"
                "A=b") == "b");
    CHECK_THAT(refusal(std::string_view("\xFF\xFE"
                                        "A\0=\0",
                                        6)),
               Catch::Contains(":1: the file is in UTF-16"));
    CHECK_THAT(refusal(std::string_view("\xFE\xFF\0A", 4)), Catch::Contains("UTF-16"));
    CHECK_THAT(refusal(std::string_view("B=1\nA=\0b", 8)),
               Catch::Contains(":2: there is a NUL byte"));
}

TEST_CASE("a value that names itself twice on each line is refused before it is large") {
    std::string text = "A=12345678\n";
    for (int line = 0; line < 26; ++line) text += "A=$A$A\n";
    CHECK_THAT(refusal(text),
               Catch::Contains(":15: the value of 'A', with the variables in it, is larger"
                               " than 64.0 KiB"));
    CHECK(value("A=" + std::string(64 << 10, 'x')).size() == 64 << 10);
    CHECK_THAT(refusal("A=" + std::string((64 << 10) + 1, 'x')), Catch::Contains("larger"));
}

TEST_CASE("many values that name a large one are refused, too") {
    std::string text = "A=" + std::string(60'000, 'x') + "\n";
    for (int line = 0; line < 10'000; ++line) text += fmt::format("B{}=$A\n", line);
    CHECK_THAT(refusal(text), Catch::Contains("with the variables in it, is larger than 64.0 KiB"));
}

TEST_CASE("a file of a mebibyte takes time in proportion to it, and a larger one none") {
    const auto began = std::chrono::steady_clock::now();
    const std::string lines(std::size_t{1} << 20, '\n');
    CHECK(parse(lines).empty());
    for (const std::string_view piece :
         {"A=\"\\\"x\n", "A='x\n", "A=$(\n", "export\n", "A=$(((\\$(", "\t"}) {
        std::string text;
        while (text.size() + piece.size() <= (piece == "A=$(((\\$(" ? 60'000U : 1U << 20))
            text += piece;
        CHECK_NOTHROW(parse(text));
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    CHECK_THAT(refusal(lines + '\n'), Catch::Contains("larger than 1.0 MiB"));
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
