// SPDX-License-Identifier: GPL-3.0-or-later
#include <regex>
#include <string>
#include <string_view>

#include "sources.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

/// Phrases that are hard to read, and their replacements.
struct Phrase {
    std::regex regex;
    std::string instead;
};

const std::vector<Phrase>& phrases() {
    static const std::vector<Phrase> all{
        {std::regex(R"(\b([Nn]obody|[Ww]hoever)\b)"), "the component's name"},
        {std::regex(R"(\b[Ss]o (many|much)\b)"), "'this many'"},
        {std::regex(R"(\bsuch an? one\b)"), "'one'"},
        {std::regex(R"(///? Of )"), "the subject first"},
        {std::regex(R"((^|[^e]) (is|are) no (?!longer))"), "'is not a'"},
    };
    return all;
}

/// Phrases that must not be in a message, a hint or a help text; a comment may have them.
const std::vector<Phrase>& phrases_of_messages() {
    static const std::vector<Phrase> all{
        {std::regex(R"(\b([Ss]ome|[Aa]ny|[Ee]very)body\b)"), "the component's name"},
        {std::regex(R"(\b(tells?|told|telling)\b)"), "'reports', 'shows' or 'says'"},
        {std::regex(R"(\b(is|are) there (already|twice)\b)"), "'already exists', 'occurs twice'"},
        {std::regex(R"(\b(go|goes|going|gone) on\b|\bunder way\b)"), "'continues', 'in progress'"},
        {std::regex(R"(\bmend(s|ed)?\b)"), "'repair' or 'correct'"},
        {std::regex(R"(\b(is|was) cut\b)"), "'truncated'"},
        {std::regex(R"(\banother (SHA-256|size|path|type|version)\b|\bother (contents|bytes)\b)"),
         "'a different'"},
        {std::regex(R"(\b(makes?|made) (a |the )?(role|user|database)s?\b)"), "'create'"},
        {std::regex(R"(\b(ask|does?|begin|log)s? (nothing|no (steps?|runs?))\b)"), "'do not'"},
        {std::regex(R"(\btakes? (that|this) back\b)"), "what is undone"},
        {std::regex(R"(\bnot known here\b|\bnot (read|understood) here\b)"), "'not supported'"},
        {std::regex(
             R"((\n|[^f] )\{\} (files|rows|packs|sets|keys|values|changes|warnings|jobs)\b)"),
         "counted(), as 1 has no plural"},
    };
    return all;
}

/// Returns the string literals of a line, one after the other, without the comment behind them.
std::string messages_in(std::string_view line) {
    std::string text;
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (!quoted && line.substr(at, 2) == "//") break;
        if (quoted && line[at] == '\\') {
            text += line.substr(at++, 2);
        } else if (!quoted && line.substr(at, 3) == "'\"'") {
            at += 2;
        } else if (line[at] == '"') {
            quoted = !quoted;
            text += '\n';
        } else if (quoted) {
            text += line[at];
        }
    }
    return text;
}

std::string found_in(std::string_view text, const std::vector<Phrase>& phrases) {
    std::string found;
    for (const auto& phrase : phrases)
        if (std::regex_search(text.begin(), text.end(), phrase.regex))
            found += "  → " + phrase.instead;
    return found;
}

}  // namespace

TEST_CASE("comments and messages are in plain English") {
    std::string found;
    for (const auto& source : sources_below({"lib", "daemon"}))
        for (const auto& line : source.lines) {
            const auto instead =
                found_in(line, phrases()) + found_in(messages_in(line), phrases_of_messages());
            if (!instead.empty()) found += source.path + ": " + line + instead + "\n";
        }
    CHECK(found == "");
}

TEST_CASE("a message is told from code and comments") {
    CHECK(messages_in(R"(say("a \" b", tell(c), "d");  // "e")") == "\na \\\" b\n\nd\n");
    CHECK(messages_in("text += '\"' + name;  // one that is told") == "");
    CHECK(found_in(messages_in(R"(throw Error("{} files are gone");)"), phrases_of_messages()) !=
          "");
    CHECK(found_in(messages_in(R"(say("{} of {} files", tell(done));)"), phrases_of_messages()) ==
          "");
}
