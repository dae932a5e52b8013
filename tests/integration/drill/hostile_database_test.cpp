// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "drill_fixture.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
using postgres::Verdict;
namespace fs = std::filesystem;

namespace {

/// A database whose owner has set traps in all places that a restore uses. A trap acts when it runs
/// as a superuser, or can become one again.
struct HostileDatabase : DrillFixture {
    const fs::path caught = directory / "caught";

    HostileDatabase() {
        fs::permissions(directory.path(), fs::perms::all);
        sql("DROP SCHEMA IF EXISTS evil CASCADE; CREATE SCHEMA evil");
        sql(fmt::format(R"(
CREATE FUNCTION evil.spring(text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF current_database() = 'drilled' THEN RETURN true; END IF;
    BEGIN PERFORM pg_catalog.set_config('role', 'none', false); EXCEPTION WHEN OTHERS THEN NULL; END;
    BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; EXCEPTION WHEN OTHERS THEN NULL; END;
    IF pg_catalog.current_setting('is_superuser') = 'on' THEN
        EXECUTE 'COPY (SELECT 1) TO PROGRAM ''echo ' || $1 || ' >> {}''';
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION evil.quietly(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM evil.spring('index'); RETURN $1; END $$;
CREATE FUNCTION evil.on_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM evil.spring('trigger'); RETURN NEW; END $$;
CREATE TABLE evil.checked (a bigint CHECK (evil.spring('check')), b text);
INSERT INTO evil.checked VALUES (1, 'x'), (2, 'y');
CREATE INDEX ON evil.checked (evil.quietly(a));
CREATE UNIQUE INDEX ON evil.checked (evil.quietly(a), (evil.quietly(7)));
CREATE TRIGGER t BEFORE INSERT OR UPDATE ON evil.checked FOR EACH ROW EXECUTE FUNCTION evil.on_event();
CREATE MATERIALIZED VIEW evil.filled AS SELECT evil.spring('view') AS sprung, a FROM evil.checked;
CREATE VIEW evil.pg_roles AS SELECT evil.spring('shadow') AS rolname;
CREATE FUNCTION evil.format(text, name, name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM evil.spring('format'); RETURN pg_catalog.format($1, $2, $3); END $$;
ALTER TABLE evil.checked ENABLE ROW LEVEL SECURITY;
ALTER TABLE evil.checked FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON evil.checked USING (evil.spring('policy'));)",
                        caught.native()));
    }
    ~HostileDatabase() { sql("DROP SCHEMA evil CASCADE"); }
};

}  // namespace

TEST_CASE_METHOD(HostileDatabase, "no code of a database runs as a superuser in a drill") {
    publish("20261122T030000Z");
    const auto report = drill();
    INFO(problems_of(report));
    CHECK(report.proven());
    CHECK_FALSE(fs::exists(caught));
}

TEST_CASE_METHOD(DrillFixture, "what an owner may not make is a note of a drill, which proves") {
    sql("CREATE PUBLICATION everything FOR ALL TABLES;"
        "CREATE FUNCTION timely() RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1'");
    publish("20261122T030000Z");
    const auto report = drill();
    sql("DROP PUBLICATION everything; DROP FUNCTION timely()");
    INFO(problems_of(report));
    CHECK(report.proven());
    CHECK(check_of(report, "left out").verdict == Verdict::skipped);
    CHECK(contains(check_of(report, "left out").figure, "PUBLICATION everything"));
    CHECK(contains(check_of(report, "left out").figure, "timely()"));
}
