// SPDX-License-Identifier: GPL-3.0-or-later
//
// Target: RESTORE.md, whose commands an admin runs as root. It may contain names from a hostile
// set.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "store/formats/manifest.hpp"
#include "store/restore_instructions.hpp"
#include "store/staging.hpp"
#include "targets.hpp"

namespace mastobak::fuzz {
namespace {

/// Stands for a name in the guide to compare with. The fixed text does not contain it.
constexpr std::string_view stand_in = "Zq0Zq";

/// Returns a guide with this name in every place that has one.
std::string guide_with(const std::string& name) {
    store::Manifest manifest;
    manifest.set = "20261122T030000Z";
    manifest.host = manifest.mode = name;
    auto& database = manifest.database;
    database.name = database.owner = database.mastodon_role = name;
    database.mastodon_role += "2";
    database.server_version = database.schema_version = name;
    database.encoding = database.collation = database.ctype = database.locale = name;
    database.locale_provider = "icu";
    manifest.media.root = "/" + name;
    manifest.config_files = manifest.warnings = {name};
    return store::restore_instructions(manifest);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Takes one word from the front of a line, as bash reads it.
/// \return the value of the word; empty if it does not end, or if bash would expand it
/// Source: bash(1), QUOTING
std::optional<std::string> take_word(std::string_view& rest) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    std::string word;
    while (!rest.empty()) {
        if (plain.find(rest.front()) != plain.npos) {
            word += rest.front();
            rest.remove_prefix(1);
        } else if (rest.starts_with("\\'")) {
            word += '\'';
            rest.remove_prefix(2);
        } else if (rest.starts_with('\'')) {
            const auto end = rest.find('\'', 1);
            if (end == rest.npos) return std::nullopt;
            word += rest.substr(1, end - 1);
            rest.remove_prefix(end + 1);
        } else if (rest.starts_with("$'")) {
            rest.remove_prefix(2);
            for (; !rest.starts_with('\''); rest.remove_prefix(1)) {
                if (rest.empty()) return std::nullopt;
                if (rest.front() != '\\') {
                    word += rest.front();
                    continue;
                }
                unsigned value = 0;
                const auto digits = rest.substr(1, 3);
                const auto end = digits.data() + digits.size();
                if (std::from_chars(digits.data(), end, value, 8).ptr != digits.data() + 3)
                    return std::nullopt;
                word += static_cast<char>(value);
                rest.remove_prefix(3);
            }
            rest.remove_prefix(1);
        } else {
            break;
        }
    }
    return word;
}

/// Checks a line of a block: the fixed text, with one word of bash in each place that has a name.
void check_command(std::string_view line, std::string_view expected, const std::string& name) {
    for (auto at = expected.find(stand_in); at != expected.npos; at = expected.find(stand_in)) {
        // The quotes enclose the whole word, not only the name.
        const bool of_root = at > 0 && expected[at - 1] == '/';
        const bool second = expected.substr(at + stand_in.size()).starts_with('2');
        const auto before = expected.substr(0, of_root ? at - 1 : at);
        require(line.starts_with(before), "a command begins as ours does");
        line.remove_prefix(before.size());
        expected.remove_prefix(at + stand_in.size() + (second ? 1 : 0));
        const auto word = take_word(line);
        require(word == (of_root ? "/" : "") + name + (second ? "2" : ""),
                "a name is one word, which bash reads as the name");
    }
    require(line == expected, "a command ends as ours does");
}

/// Checks a line of prose: it has no more characters that Markdown or a terminal interprets than a
/// line with a harmless name.
void check_prose(std::string_view line, std::string_view expected) {
    require(readable(line) == line, "prose is harmless for a terminal");
    for (const char special : {'`', '~', '<', '['})
        require(std::count(line.begin(), line.end(), special) ==
                    std::count(expected.begin(), expected.end(), special),
                "a name adds no code, no HTML and no link");
    const auto at = std::min(expected.find(stand_in), expected.size());
    require(line.starts_with(expected.substr(0, at)), "prose begins as ours does");
    if (at == expected.size()) return;
    // Markdown would take it for code, and the user of a shell for a command.
    require(at > 0 && !expected.starts_with("    "), "a name begins no line, and is no code");
    require(!line.starts_with("-  "), "a name makes no code of an item of a list");
    bool code = false;
    for (std::size_t i = 0; i < at; ++i) code ^= expected[i] == '`';
    require(!code, "a name is not in code");
}

}  // namespace

void instructions(const std::string& input, const std::filesystem::path&) {
    // These names have a special meaning: no role, and the superuser, which Mastodon's role must
    // not be.
    if (input.empty() || input == "postgres") return;
    // A word of bash cannot contain this byte.
    if (input.find('\0') != input.npos) return static_cast<void>(guide_with(input));
    static const auto harmless = guide_with(std::string(stand_in));
    const auto guide = guide_with(input);
    const auto lines = lines_of(guide), expected = lines_of(harmless);
    require(lines.size() == expected.size(), "a name is on one line");
    bool block = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool fence = expected[i].starts_with("```");
        require(!fence || lines[i] == expected[i], "blocks begin and end where ours do");
        if (!fence && block)
            check_command(lines[i], expected[i], input);
        else if (!fence)
            check_prose(lines[i], expected[i]);
        block ^= fence;
    }
}

}  // namespace mastobak::fuzz
