// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "odd_database.hpp"

namespace mastobak::test {
namespace {

constexpr std::array servers{
    OddKind{"objects of other owners", R"(
CREATE TABLE «S».«a» (id int PRIMARY KEY, t text); ALTER TABLE «S».«a» OWNER TO «R»;
INSERT INTO «S».«a» VALUES (1, 'x'); CREATE VIEW «S».«b» AS TABLE «S».«a»;
ALTER VIEW «S».«b» OWNER TO «R»; CREATE SEQUENCE «S».«c»; ALTER SEQUENCE «S».«c» OWNER TO «R»;
CREATE MATERIALIZED VIEW «S».«e» AS SELECT 1 AS x; ALTER MATERIALIZED VIEW «S».«e» OWNER TO «R»;
CREATE FUNCTION «S».«d» () RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
ALTER FUNCTION «S».«d»() OWNER TO «R»;)"},
    OddKind{"a view whose owner may not read it all", R"(
CREATE TABLE «S».«a» (id int); INSERT INTO «S».«a» VALUES (1);
CREATE VIEW «S».«b» AS TABLE «S».«a»; ALTER VIEW «S».«b» OWNER TO «R»;)"},
    OddKind{"privileges of others", R"(
CREATE TABLE «S».«a» (x int, y int); GRANT SELECT (x), UPDATE (y) ON «S».«a» TO «Q»;
GRANT ALL ON «S».«a» TO «R» WITH GRANT OPTION; REVOKE ALL ON «S».«a» FROM PUBLIC;
GRANT USAGE ON SCHEMA «S» TO «Q»; CREATE FUNCTION «S».«b» () RETURNS int LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION «S».«b»() FROM PUBLIC; GRANT EXECUTE ON FUNCTION «S».«b»() TO «Q»;
CREATE TYPE «S».«c» AS ENUM ('a'); GRANT USAGE ON TYPE «S».«c» TO «Q»;)"},
    OddKind{"default privileges", R"(
ALTER DEFAULT PRIVILEGES FOR ROLE «R» IN SCHEMA «S» GRANT SELECT ON TABLES TO «Q»;
ALTER DEFAULT PRIVILEGES FOR ROLE «R» REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;)"},
    OddKind{"policies of rows", R"(
CREATE TABLE «S».«a» (id int, «c» text); INSERT INTO «S».«a» VALUES (1, 'x'), (2, 'y');
ALTER TABLE «S».«a» ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY «b» ON «S».«a» AS RESTRICTIVE FOR SELECT TO «Q», «R» USING («c» = current_user);
CREATE POLICY «d» ON «S».«a» USING (false) WITH CHECK (id > 0);)"},
    OddKind{"a policy that asks another table", R"(
CREATE TABLE «S».«a» (id int); CREATE TABLE «S».«b» (id int); INSERT INTO «S».«a» VALUES (1);
CREATE FUNCTION «S».«c» (int) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN RAISE 'never'; END $f$;
ALTER TABLE «S».«a» ENABLE ROW LEVEL SECURITY; ALTER TABLE «S».«a» OWNER TO «R»;
CREATE POLICY «d» ON «S».«a» USING («S».«c»(id) AND id IN (SELECT id FROM «S».«b»));)"},
    OddKind{"publications", R"(
CREATE TABLE «S».«a» (id int PRIMARY KEY); CREATE PUBLICATION «b» FOR TABLE «S».«a»;
CREATE PUBLICATION «c» FOR ALL TABLES WITH (publish = 'insert'); CREATE PUBLICATION «d»;
ALTER PUBLICATION «b» OWNER TO «R»;)"},
    OddKind{"a publication of a schema, and of some rows", R"(
CREATE TABLE «S».«a» (id int PRIMARY KEY, t text); CREATE PUBLICATION «b» FOR TABLES IN SCHEMA «S»;
CREATE PUBLICATION «c» FOR TABLE «S».«a» (id) WHERE (id > 5);)",
            15},
    OddKind{"a foreign server", R"(
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SERVER «a» FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.example');
CREATE USER MAPPING FOR «R» SERVER «a» OPTIONS (user 'x', password 'y');
CREATE FOREIGN TABLE «S».«b» (id int) SERVER «a»; CREATE VIEW «S».«c» AS TABLE «S».«b»;
GRANT USAGE ON FOREIGN SERVER «a» TO «Q»;)"},
    OddKind{"a foreign partition", R"(
CREATE EXTENSION IF NOT EXISTS file_fdw; CREATE SERVER «a» FOREIGN DATA WRAPPER file_fdw;
CREATE TABLE «S».«b» (id int) PARTITION BY LIST (id);
CREATE TABLE «S».«c» PARTITION OF «S».«b» FOR VALUES IN (1); INSERT INTO «S».«b» VALUES (1);
CREATE FOREIGN TABLE «S».«d» PARTITION OF «S».«b» FOR VALUES IN (2) SERVER «a»
    OPTIONS (filename '/nowhere');)"},
    OddKind{"a wrapper without a handler", R"(
CREATE FOREIGN DATA WRAPPER «a»; CREATE SERVER «b» TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER «a»;)"},
    OddKind{"extensions that an index needs", R"(
CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE TABLE «S».«a» (t text, n int);
DO $do$ BEGIN EXECUTE replace($x$CREATE INDEX ON «S».«a» USING gin (t EXTENSION.gin_trgm_ops, n)$x$, 'EXTENSION',
    (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm')); END $do$;
INSERT INTO «S».«a» SELECT md5(n::text), n FROM generate_series(1, 100) n;)"},
    OddKind{"an extension in a schema of its own", R"(
CREATE SCHEMA IF NOT EXISTS «a»; CREATE EXTENSION IF NOT EXISTS hstore SCHEMA «a»;
DO $do$ BEGIN EXECUTE replace($x$CREATE TABLE «S».«b» (h EXTENSION.hstore)$x$, 'EXTENSION',
    (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'hstore')); END $do$;
INSERT INTO «S».«b» VALUES ('a=>1');)"},
    OddKind{"extensions of superusers", R"(
CREATE EXTENSION IF NOT EXISTS pg_stat_statements; CREATE EXTENSION IF NOT EXISTS pageinspect;
CREATE EXTENSION IF NOT EXISTS amcheck; CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE VIEW «S».«a» AS SELECT 1 AS x; COMMENT ON EXTENSION pageinspect IS 'ours';)"},
    OddKind{"a view of an extension's view", R"(
CREATE EXTENSION IF NOT EXISTS pg_buffercache;
DO $do$ BEGIN EXECUTE replace($x$CREATE VIEW «S».«a» AS SELECT bufferid FROM EXTENSION.pg_buffercache$x$, 'EXTENSION',
    (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_buffercache')); END $do$;)"},
    OddKind{"texts without case", R"(
CREATE EXTENSION IF NOT EXISTS citext;
DO $do$ BEGIN EXECUTE replace($x$CREATE TABLE «S».«a» (t EXTENSION.citext PRIMARY KEY,
    u EXTENSION.citext REFERENCES «S».«a»)$x$, 'EXTENSION',
    (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'citext')); END $do$;
INSERT INTO «S».«a» VALUES ('It''s'), ('other');)"},
    OddKind{"tablespaces", R"(
CREATE TABLE «S».«a» (id int PRIMARY KEY USING INDEX TABLESPACE elsewhere, t text) TABLESPACE elsewhere;
INSERT INTO «S».«a» VALUES (1, 'x'); CREATE INDEX ON «S».«a» (t) TABLESPACE elsewhere;
CREATE MATERIALIZED VIEW «S».«b» TABLESPACE elsewhere AS SELECT 1 AS x;)"},
    OddKind{"a subscription", R"(
CREATE SUBSCRIPTION «a» CONNECTION 'host=nowhere.example dbname=x' PUBLICATION y
    WITH (connect = false, slot_name = NONE);)"},
    OddKind{"a schema of somebody else's, and an empty one", R"(
CREATE SCHEMA «a» AUTHORIZATION «R»; CREATE SCHEMA «b»; CREATE TABLE «a».«c» (id int);
INSERT INTO «a».«c» VALUES (1); COMMENT ON SCHEMA «a» IS 'theirs';)"},
    OddKind{"the schema public, changed", R"(
REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO «Q»;
COMMENT ON SCHEMA public IS NULL; ALTER SCHEMA public OWNER TO «R»;)"},
};

}  // namespace

std::span<const OddKind> kinds_of_servers() {
    return servers;
}

}  // namespace mastobak::test
