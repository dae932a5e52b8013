// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "media/index/paths.hpp"
#include "support/catch.hpp"

using namespace mastobak::media;

namespace {

std::string escaped(std::string_view path) {
    std::string out;
    append_escaped(out, path);
    return out;
}

/// Returns nullopt for a text that is refused.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    if (!append_unescaped(out, text)) return std::nullopt;
    return out;
}

std::string path_of_member(std::string name) {
    make_path_of_member(name);
    return name;
}

}  // namespace

TEST_CASE("an ordinary path is written as it is") {
    CHECK(escaped("media_attachments/files/109/1 b~'\"*?[.png") ==
          "media_attachments/files/109/1 b~'\"*?[.png");
}

TEST_CASE("what would break a line, a column or tar's list is escaped") {
    CHECK(escaped("a\nb\tc\\d") == "a\\nb\\tc\\\\d");
    CHECK(escaped("\xff\x01\x7f") == "\\377\\001\\177");
    CHECK(escaped("\xc3\xa9") == "\\303\\251");
}

TEST_CASE("every byte but NUL comes back") {
    std::string all;
    for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
    CHECK(unescaped(escaped(all)) == all);
}

TEST_CASE("what no writer makes is refused") {
    const std::string text =
        GENERATE("\\", "\\000", "\\400", "\\08", "\\x41", "\\12", "a\nb", "\xff", "a\tb");
    CHECK_FALSE(unescaped(text));
}

TEST_CASE("a path that tar would take for an option gets a dot in front") {
    const std::string path = GENERATE("-rf", " -rf", "\n-rf", " ");
    CHECK(member_name(path) == "./" + path);
    CHECK(path_of_member("./" + path) == path);
}

TEST_CASE("other paths are called what they are") {
    const std::string path = GENERATE("a/-b", "a b", ".", "./a", "\x01");
    CHECK(member_name(path) == path);
    CHECK(path_of_member(path) == path);
}

TEST_CASE("only paths below the root are clean") {
    CHECK(is_relative_and_clean("a"));
    CHECK(is_relative_and_clean("a/..b/c..d/..."));
    const std::string path =
        GENERATE("", "/", "/a", "a/", "a//b", ".", "..", "a/./b", "a/../b", "../a", "a/..");
    CHECK_FALSE(is_relative_and_clean(path));
}
