// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("a word for a shell is one word of it, on one line") {
    for (const std::string text :
         {"", "plain/file-1.txt", "a b", "'", "a'; touch pwned; '", "$(touch pwned)",
          "`touch pwned`", "\\", "\n", "a\ntouch pwned\n", "```", "~", "-rf", "*", "!x", "\x1b[2J",
          "\xff", "\u202egpj", "\xc3\xa4"}) {
        const auto word = shell_word(text);
        CAPTURE(word);
        CHECK(readable(word) == word);
        CHECK(word.find('\n') == std::string::npos);
        const auto said = run({.argv = {"bash", "-c", "printf '%s|' " + word}});
        CHECK(said.output == text + "|");
    }
    const auto cut = shell_word(std::string("a\0b", 3));
    CHECK(run({.argv = {"bash", "-c", "printf %s " + cut}}).output == "ab");
}
