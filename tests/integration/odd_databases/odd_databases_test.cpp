// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

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

/// \param arguments of Trial
template <typename... Arguments>
void try_one(unsigned seed, const Arguments&... arguments) {
    std::string problems, kinds;
    try {
        Trial trial(seed, arguments...);
        kinds = trial.kinds();
        problems = trial.problems();
    } catch (const std::exception& error) {
        problems = std::string("not sound: ") + error.what();
    }
    INFO("seed " << seed << ": " << kinds << "\n" << problems);
    CHECK(problems.empty());
}

void try_seeds(unsigned first, unsigned last) {
    for (auto seed = first; seed <= last; ++seed) try_one(seed);
}

/// Returns all kinds; with ODD_KIND=NAME, only that one.
std::vector<OddKind> kinds_to_try() {
    auto kinds = all_kinds(15);
    if (const char* wanted = std::getenv("ODD_KIND"))
        std::erase_if(kinds,
                      [wanted](const auto& kind) { return std::string(kind.name) != wanted; });
    return kinds;
}

OddKind kind_named(const std::string& name) {
    for (const auto& kind : all_kinds(15))
        if (kind.name == name) return kind;
    throw std::invalid_argument(name);
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

TEST_CASE("objects that depend on the search path, on rows, or on the server are created again") {
    const auto* name = GENERATE(
        "code that finds its functions by the search path", "an index that compares by a function",
        "checks that ask another table", "an index by a function of an extension",
        "functions of one's own operators and casts");
    Trial trial(1, kind_named(name));
    CHECK(trial.problems().empty());
    CAPTURE(trial.left_out());
    CHECK(trial.left_out().empty());
}

TEST_CASE("a generated column is computed when the rows are there that its function reads") {
    // pg_restore loads the larger table first.
    std::string sql = R"(
CREATE TABLE public.z (n int, t text); INSERT INTO public.z VALUES (1, 'one');
CREATE FUNCTION public.asked (int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    $f$ BEGIN RETURN (SELECT t || $1 FROM z); END $f$;
CREATE TABLE public.a (n int PRIMARY KEY, t text NOT NULL GENERATED ALWAYS AS (asked(n)) STORED);
INSERT INTO public.a SELECT generate_series(1, 1000); CREATE UNIQUE INDEX ON public.a (t);
CREATE TABLE public.b (n int PRIMARY KEY REFERENCES public.a); INSERT INTO public.b VALUES (1);)";
    const bool gone = GENERATE(false, true);
    if (gone) sql += "TRUNCATE public.z;";
    Trial trial(1, OddKind{"a generated column that asks another table", sql.c_str()});
    CHECK(trial.problems().empty());
    const auto left_out = trial.left_out();
    CAPTURE(left_out);
    // The rows come back also when the function cannot compute the column any more.
    if (gone)
        CHECK(left_out == std::vector<std::string>{"GENERATED COLUMN public.a t"});
    else
        CHECK(left_out.empty());
}

TEST_CASE("code that fails on the rows of today is left out, with its statement") {
    const auto [name, wanted] = GENERATE(table<const char*, std::vector<std::string>>({
        {"a check that its rows violate by now", {"CHECK CONSTRAINT"}},
        {"an index and a view that cannot be made again",
         {"COMMENT", "INDEX", "MATERIALIZED VIEW DATA", "MATERIALIZED VIEW DATA"}},
    }));
    Trial trial(1, kind_named(name));
    CHECK(trial.problems().empty());
    auto left_out = trial.left_out();
    std::sort(left_out.begin(), left_out.end());
    CAPTURE(left_out);
    REQUIRE(left_out.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        CHECK(left_out[i].substr(0, wanted[i].size() + 1) == wanted[i] + " ");
}

TEST_CASE("places of PostGIS come back, with an own reference system", "[.long]") {
    Trial trial(1, OddKind{"PostGIS", R"(
CREATE EXTENSION postgis; CREATE EXTENSION postgis_topology; SELECT topology.createtopology('streets', 4326);
INSERT INTO spatial_ref_sys SELECT 910001, 'ours', 1, srtext, proj4text FROM spatial_ref_sys WHERE srid = 4326;
CREATE TABLE public.places (id int PRIMARY KEY, at geometry(Point, 910001) NOT NULL, area geography,
    x double precision GENERATED ALWAYS AS (st_x(at)) STORED, CHECK (st_y(at) < 91));
INSERT INTO public.places SELECT n, st_setsrid(st_makepoint(n, n / 2.0), 910001),
    st_buffer(st_makepoint(n, n / 2.0)::geography, 10) FROM generate_series(1, 80) n;
CREATE INDEX ON public.places USING gist (at); CREATE INDEX ON public.places USING gist (area);
CREATE MATERIALIZED VIEW public.near AS SELECT a.id, b.id AS other FROM places a, places b
    WHERE st_dwithin(a.at, b.at, 2);)"});
    CHECK(trial.problems() == "");
    const auto left_out = trial.left_out();
    CAPTURE(left_out);
    CHECK(left_out.empty());
}

TEST_CASE("each kind of odd objects alone is proven", "[.long]") {
    const auto [first, last] = seeds_or(1, 1);
    for (auto seed = first; seed <= last; ++seed)
        for (const auto& kind : kinds_to_try()) try_one(seed, kind);
}

TEST_CASE("a thousand odd databases are proven", "[.long]") {
    const auto [first, last] = seeds_or(1, 1000);
    try_seeds(first, last);
}
