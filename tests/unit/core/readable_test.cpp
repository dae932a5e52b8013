// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("ordinary text stays as it is, in any language") {
    for (const auto* text : {"", "a b\\c'\"", "Übergröße 日本語 🐘"}) CHECK(readable(text) == text);
}

TEST_CASE("line breaks, control characters and what is no UTF-8 can be read") {
    CHECK(readable("a\nb\x1b[2J\x7f") == "a\\x0ab\\x1b[2J\\x7f");
    CHECK(readable("\xff\xc3") == "\\xff\\xc3");
    CHECK(readable("\xc2\x9b") == "\\xc2\\x9b");
    CHECK(readable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
}

TEST_CASE("what turns the direction of writing or is not seen can be read") {
    CHECK(readable("a\u202egnp.exe") == "a\\xe2\\x80\\xaegnp.exe");
    for (const auto* hidden :
         {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d",
          "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\U000e0041"})
        CHECK(readable(hidden).starts_with("\\x"));
    // This character joins the parts of emoji, and letters of some scripts.
    CHECK(readable("\u200d\u2027\u202f\u2065\u206a") == "\u200d\u2027\u202f\u2065\u206a");
}

TEST_CASE("what is readable already is not made more so") {
    const auto once = readable("\xff\n\\");
    CHECK(readable(once) == once);
}

TEST_CASE("an error can be shown whatever bytes it was made of") {
    const Error error(Errc::media, "cannot read 'a\xff\x1b'", "rename '\xfe'");
    CHECK(error.text() == "cannot read 'a\\xff\\x1b'");
    CHECK(error.hint() == "rename '\\xfe'");
}

TEST_CASE("counted nouns agree") {
    CHECK(counted(1, "file") == "1 file");
    CHECK(counted(0U, "file") == "0 files");
    CHECK(counted(std::int64_t{2}, "entry", "entries") == "2 entries");
}
