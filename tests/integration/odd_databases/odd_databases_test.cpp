// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <set>

#include "odd_database.hpp"
#include "support/catch.hpp"
#include "trial.hpp"

using namespace mastobak::test;

namespace {

/// ODD_SEEDS=FIRST-LAST selects other seeds.
std::pair<unsigned, unsigned> seeds_or(unsigned first, unsigned last) {
    if (const char* wanted = std::getenv("ODD_SEEDS")) {
        char* rest = nullptr;
        first = static_cast<unsigned>(std::strtoul(wanted, &rest, 10));
        last = *rest == '-' ? static_cast<unsigned>(std::strtoul(rest + 1, nullptr, 10)) : first;
    }
    return {first, last};
}

void try_seeds(unsigned first, unsigned last) {
    for (auto seed = first; seed <= last; ++seed) {
        std::string problems, kinds;
        try {
            Trial trial(seed);
            kinds = trial.kinds();
            problems = trial.problems();
        } catch (const std::exception& error) {
            problems = std::string("not sound: ") + error.what();
        }
        INFO("seed " << seed << ": " << kinds << "\n" << problems);
        CHECK(problems.empty());
    }
}

}  // namespace

TEST_CASE("the same seed makes the same odd database") {
    const auto one = odd_database(7, 15, "x"), again = odd_database(7, 15, "x");
    CHECK(one.sql == again.sql);
    CHECK(one.options == again.options);
    CHECK(odd_database(8, 15, "x").sql != one.sql);
    std::set<std::string> kinds;
    for (unsigned seed = 1; seed <= 1000; ++seed)
        for (const auto& kind : odd_database(seed, 15, "x").kinds) kinds.insert(kind);
    CHECK(kinds.size() ==
          kinds_of_tables().size() + kinds_of_code().size() + kinds_of_servers().size());
}

TEST_CASE("odd but sound databases are backed up, proven by a drill, and restored") {
    const auto [first, last] = seeds_or(1, 8);
    try_seeds(first, last);
}

TEST_CASE("a thousand odd databases are proven", "[.long]") {
    const auto [first, last] = seeds_or(1, 1000);
    try_seeds(first, last);
}
