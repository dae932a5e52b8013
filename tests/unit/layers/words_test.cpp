// SPDX-License-Identifier: GPL-3.0-or-later
#include <regex>
#include <string>

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

}  // namespace

TEST_CASE("comments and messages are in plain English") {
    std::string found;
    for (const auto& source : sources_below({"lib", "daemon"}))
        for (const auto& line : source.lines)
            for (const auto& phrase : phrases())
                if (std::regex_search(line, phrase.regex))
                    found += source.path + ": " + line + "  → " + phrase.instead + "\n";
    CHECK(found == "");
}
