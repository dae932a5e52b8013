// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/contents/contents.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/contents/normalised_sql.hpp"
#include "postgres/contents/partition_roots.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::postgres;

namespace {

TocEntry public_entry(std::int64_t id, std::string kind, std::string name, std::string definition) {
    TocEntry made;
    made.id = id;
    made.kind = std::move(kind);
    made.schema = "public";
    made.name = std::move(name);
    made.definition = std::move(definition);
    made.owner = "mastodon";
    return made;
}

Contents some_contents() {
    auto contents = contents_of(
        {public_entry(1, "ENCODING", "ENCODING", "SET client_encoding = 'UTF8';\n"),
         public_entry(2, "TABLE", "odd\tname\nof \\it", "CREATE TABLE x (id int);"),
         public_entry(3, "OPERATOR", "+", "CREATE OPERATOR + (b);"),
         public_entry(4, "OPERATOR", "+", "CREATE OPERATOR + (a);"),
         public_entry(5, "SEQUENCE SET", "x_seq",
                      "SELECT pg_catalog.setval('public.x, 7, true);', 42, true);\n\n\n"),
         public_entry(6, "TABLE DATA", "x", "")});
    contents.key = make_row_key();
    contents.tables["public.x"] = {3, {{1, 2, 3}}, "id, \"or, der\""};
    contents.large_objects.rows = 2;
    return contents;
}

std::string read_error(const std::string& text) {
    try {
        parse_contents(text, "x", {});
        return "none";
    } catch (const Error& error) {
        CHECK(error.code() == Errc::corrupt);
        return error.text();
    }
}

ContentDifferences differences(const Contents& then, const Contents& now) {
    ContentDifferences result;
    compare_dump(then, now, result);
    compare_rows(then, now, {}, result);
    return result;
}

}  // namespace

TEST_CASE("contents are objects, values of sequences and the encoding of a table of contents") {
    const auto contents = some_contents();
    CHECK(contents.encoding == "UTF8");
    CHECK(contents.sequences.at("public.x_seq") == "42, true");
    REQUIRE(contents.objects.size() == 3);
    CHECK(name_of(contents.objects[1]) == "operator 'public.+'");
    CHECK(contents.row_counts() == RowCounts{{"public.x", 3}});
}

TEST_CASE("contents are read as they were written") {
    const test::TemporaryDirectory directory;
    const auto contents = some_contents();
    const auto file = write_contents(directory / "c", contents);
    CHECK(file.size.count > 0);
    const auto read = read_contents(directory / "c", {});
    CHECK(read.key == contents.key);
    CHECK(read.encoding == contents.encoding);
    CHECK(read.tables.at("public.x").columns == "id, \"or, der\"");
    CHECK(read.objects.at(0).name == "odd\tname\nof \\it");
    CHECK(read.objects.at(0).owner == "mastodon");
    const auto found = differences(contents, read);
    CHECK((found.rows.empty() && found.sequences.empty() && found.objects.empty()));
}

TEST_CASE("contents that are cut, or of another version, are refused with the line") {
    const std::string head = "mastobak-contents\t1\n", key = "key\t" + std::string(64, '0') + "\n";
    CHECK(read_error("mastobak-contents\t2\n") ==
          "'x' cannot be used: line 1: it does not begin as one of a version that is known");
    CHECK(read_error(head) == "'x' cannot be used: line 1: it has no key");
    CHECK(read_error(head + key) == "none");
    CHECK(read_error(head + key + "later\tthings\n") == "none");
    for (const auto& line : std::vector<std::string>{
             "table\tx\t1\t00", "table\tx\t-1\t" + std::string(32, '0') + "\tid\n", "table\n",
             "table\tx\t99999999999999999999\t\t\n", "sequence\tx\\\t1\n", "object\tTABLE\t\tx\n",
             "sequence\tx\t1\nsequence\tx\t1\n"})
        CHECK(read_error(head + key + line) != "none");
}

TEST_CASE("what differs between contents is named") {
    const auto then = some_contents();
    auto now = some_contents();
    now.objects.erase(now.objects.begin() + 1);
    now.objects[0].owner = "somebody";
    now.sequences["public.x_seq"] = "1, false";
    now.tables["public.x"].digest = {};
    const auto found = differences(then, now);
    REQUIRE(found.objects.size() == 2);
    CHECK(found.rows.size() == 1);
    CHECK(found.sequences.size() == 2);  // compared with the dump and with the database
    CHECK(found.sequences[0] ==
          "sequence 'public.x_seq' stands at (1, false) in the dump, not at (42, true)");
    now.tables["public.x"].columns = "\"or, der\", id";
    CHECK(differences(then, now).rows.empty());
    CHECK(differences(then, now).not_compared.size() == 1);
    now.tables["public.x"].columns = "id";
    CHECK(differences(then, now).rows.size() == 1);
}

TEST_CASE("definitions count as much as the versions allow that wrote them") {
    const auto then = some_contents().objects;
    auto now = then;
    now[0].normalised = {};
    now.push_back(now[0]);
    now.back().name = "new";
    now.erase(now.begin() + 1);
    const auto compared = [&](Definitions definitions) {
        ContentDifferences result;
        compare_objects(then, now, definitions, result);
        return std::pair(result.objects.size(), result.not_compared.size());
    };
    // One object is missing, one has another definition, and one is new.
    CHECK(compared(Definitions::normalised) == std::pair<std::size_t, std::size_t>(3, 0));
    CHECK(compared(Definitions::noted) == std::pair<std::size_t, std::size_t>(1, 1));
    CHECK(compared(Definitions::names) == std::pair<std::size_t, std::size_t>(1, 0));
}

TEST_CASE("a definition equals its form after PostgreSQL has read it, and differs from any other") {
    const auto same = [](std::string_view a, std::string_view b) {
        return normalised(a) == normalised(b);
    };
    CHECK(
        same("CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character "
             "varying])::text[])))",
             "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character "
             "varying)::text])))"));
    CHECK(same("'1'::numeric(10,2)", "('1')::numeric(5,1)"));
    CHECK(same("x::\"My \"\"type\".\"a\"[] = 1", "x = 1"));
    CHECK_FALSE(same("x::text = 'a b'", "x = 'a  b'"));
    CHECK_FALSE(same("a bc", "ab c"));
    CHECK_FALSE(same("'(a)'", "'a'"));
    CHECK_FALSE(same("$f$ SELECT (1)::int $f$", "$f$ SELECT 1 $f$"));
    CHECK_FALSE(same("CHECK (x > 0)", "CHECK (x > 1)"));
    CHECK_FALSE(same("\"a b\"", "a b"));
    for (const auto* cut : {"'", "\"", "$", "$$", "$a$ x", "::", "E'\\", "x::\"", "::a(", "::a(1"})
        CHECK_NOTHROW(normalised(cut));
}

TEST_CASE("partitions whose rows come back by the partitioned table are compared by their sum") {
    auto one = public_entry(1, "TABLE DATA", "p1", ""),
         two = public_entry(2, "TABLE DATA", "p2", ""),
         other = public_entry(3, "TABLE DATA", "x", "");
    one.copy = two.copy = "COPY public.\"the root\" (id, e) FROM stdin;\n";
    other.copy = "COPY public.x (id) FROM stdin;\n";
    const auto roots = partition_roots({one, two, other});
    CHECK(roots ==
          PartitionRoots{{"public.p1", "public.the root"}, {"public.p2", "public.the root"}});
    CHECK(by_root(RowCounts{{"public.p1", 1}, {"public.p2", 2}, {"public.x", 3}}, roots) ==
          RowCounts{{"public.the root", 3}, {"public.x", 3}});

    Contents contents;
    contents.tables["public.p1"] = {1, {{1}}, "id, e"};
    contents.tables["public.p2"] = {2, {{2}}, "id, e"};
    std::set<std::string> mixed;
    const auto sum = by_root(contents, roots, &mixed);
    REQUIRE(sum.tables.size() == 1);
    CHECK(sum.tables.at("public.the root").rows == 3);
    CHECK(sum.tables.at("public.the root").digest == RowDigest{{3}});
    CHECK(mixed.empty());
    contents.tables["public.p2"].columns = "e, id";
    by_root(contents, roots, &mixed);
    CHECK(mixed == std::set<std::string>{"public.the root"});
}
