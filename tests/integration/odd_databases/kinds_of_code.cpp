// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "odd_database.hpp"

namespace mastobak::test {
namespace {

constexpr std::array code{
    OddKind{"functions of every sort", R"(
CREATE FUNCTION «S».«a» (x int, VARIADIC y int[] DEFAULT '{}') RETURNS int LANGUAGE sql IMMUTABLE
    AS $f$ SELECT x $f$;
CREATE FUNCTION «S».«b» (OUT x int, OUT y text) RETURNS SETOF record LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = nowhere AS $f$ BEGIN RETURN QUERY SELECT 1, 'it''s'; END $f$;
CREATE PROCEDURE «S».«c» (INOUT x int) LANGUAGE plpgsql AS $f$ BEGIN COMMIT; x := 1; END $f$;
CREATE FUNCTION «S».«d» () RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
CREATE FUNCTION «S».«a» (text) RETURNS text LANGUAGE sql AS 'SELECT $1 || ''\'' ';)"},
    OddKind{"a default by a function and a sequence, as Mastodon's ids", R"(
CREATE SEQUENCE «S».«a»;
CREATE FUNCTION «S».«b» (table_name text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
    BEGIN RETURN (date_part('epoch', now()) * 1000)::bigint << 16 | nextval(«'a»); END $f$;
CREATE TABLE «S».«c» (id bigint PRIMARY KEY DEFAULT «S».«b»('it''s'), t text);
INSERT INTO «S».«c» (t) VALUES ('a');)"},
    OddKind{"triggers, some of them off", R"(
CREATE TABLE «S».«a» (id int); CREATE TABLE «S».«b» (id int);
CREATE FUNCTION «S».«c» () RETURNS trigger LANGUAGE plpgsql AS
    $f$ BEGIN INSERT INTO «S».«b» VALUES (NEW.id); RETURN NEW; END $f$;
INSERT INTO «S».«a» VALUES (1);
CREATE TRIGGER «d» BEFORE INSERT ON «S».«a» FOR EACH ROW EXECUTE FUNCTION «S».«c»();
CREATE TRIGGER «e» AFTER INSERT ON «S».«a» FOR EACH ROW EXECUTE FUNCTION «S».«c»();
CREATE CONSTRAINT TRIGGER «f» AFTER INSERT ON «S».«a» DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.id > 0) EXECUTE FUNCTION «S».«c»();
ALTER TABLE «S».«a» DISABLE TRIGGER «d», ENABLE ALWAYS TRIGGER «e», ENABLE REPLICA TRIGGER «f»;)"},
    OddKind{"a trigger that refuses every row", R"(
CREATE TABLE «S».«a» (id int); INSERT INTO «S».«a» VALUES (1);
CREATE FUNCTION «S».«b» () RETURNS trigger LANGUAGE plpgsql AS
    $f$ BEGIN RAISE EXCEPTION 'read only'; END $f$;
CREATE TRIGGER «c» BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON «S».«a»
    EXECUTE FUNCTION «S».«b»();)"},
    OddKind{"foreign keys that were switched off", R"(
CREATE TABLE «S».«a» (id int PRIMARY KEY); CREATE TABLE «S».«b» (id int REFERENCES «S».«a»);
INSERT INTO «S».«a» VALUES (1); INSERT INTO «S».«b» VALUES (1);
ALTER TABLE «S».«b» DISABLE TRIGGER ALL;)"},
    OddKind{"rules and views that can be written to", R"(
CREATE TABLE «S».«a» (id int, t text);
CREATE VIEW «S».«b» WITH (security_barrier) AS SELECT * FROM «S».«a» WHERE id > 0 WITH CHECK OPTION;
CREATE VIEW «S».«c» AS SELECT id, t FROM «S».«a»;
CREATE RULE «d» AS ON INSERT TO «S».«c» DO INSTEAD INSERT INTO «S».«a» VALUES (NEW.id, NEW.t);
CREATE RULE «e» AS ON DELETE TO «S».«a» DO INSTEAD NOTHING;
ALTER TABLE «S».«a» DISABLE RULE «e»; ALTER VIEW «S».«c» ALTER t SET DEFAULT 'it''s';
CREATE RECURSIVE VIEW «S».«f» (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM «f» WHERE n < 5;)"},
    OddKind{"views and functions of one another", R"(
CREATE TABLE «S».«a» (id int); INSERT INTO «S».«a» VALUES (1);
CREATE FUNCTION «S».«b» () RETURNS SETOF «S».«a» LANGUAGE sql STABLE AS $f$ TABLE «S».«a» $f$;
CREATE VIEW «S».«c» AS SELECT * FROM «S».«b»();
CREATE FUNCTION «S».«d» () RETURNS «S».«c» LANGUAGE sql STABLE AS $f$ SELECT * FROM «S».«c» $f$;
CREATE MATERIALIZED VIEW «S».«e» AS SELECT * FROM «S».«d»();)"},
    OddKind{"checks and indexes by functions", R"(
CREATE FUNCTION «S».«a» (int) RETURNS bool LANGUAGE sql IMMUTABLE AS $f$ SELECT $1 > 0 $f$;
CREATE FUNCTION «S».«b» (text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    $f$ BEGIN RETURN lower($1); END $f$;
CREATE TABLE «S».«c» (n int CHECK («S».«a»(n)), t text); INSERT INTO «S».«c» VALUES (1, 'A'), (2, 'B');
CREATE UNIQUE INDEX «d» ON «S».«c» («S».«b»(t)) WHERE «S».«a»(n);)"},
    OddKind{"code that finds its functions by the search path", R"(
CREATE FUNCTION public.«a» (text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE FUNCTION «S».«b» (text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$ SELECT «a»($1) $f$;
CREATE TABLE «S».«c» (t text, u text GENERATED ALWAYS AS («S».«b»(t)) STORED, CHECK («S».«b»(t) <> ''));
INSERT INTO «S».«c» VALUES ('It'), ('is'); CREATE UNIQUE INDEX «d» ON «S».«c» («S».«b»(t));
CREATE STATISTICS «S».«f» ON («S».«b»(t)) FROM «S».«c»;
CREATE MATERIALIZED VIEW «S».«e» AS SELECT «S».«b»(t) AS t FROM «S».«c»;
COMMENT ON INDEX «S».«d» IS 'of code';)"},
    OddKind{"an index that compares by a function", R"(
CREATE FUNCTION public.«a» (text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE FUNCTION «S».«b» (text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN «a»($1); END $f$;
CREATE TABLE «S».«c» (t text, EXCLUDE USING btree ((lower(«S».«b»(t))) WITH =)); INSERT INTO «S».«c» VALUES ('B');
CREATE TABLE «S».«d» (t text) PARTITION BY LIST (t);
CREATE TABLE «S».«e» PARTITION OF «S».«d» FOR VALUES IN ('A'); INSERT INTO «S».«d» VALUES ('A');
CREATE INDEX «f» ON «S».«d» («S».«b»(t)) WHERE «S».«b»(t) <> 'x';)"},
    OddKind{"checks that ask another table", R"(
CREATE TABLE public.«a» (n int); INSERT INTO public.«a» VALUES (1), (2);
CREATE FUNCTION «S».«b» (int) RETURNS bool LANGUAGE plpgsql AS
    $f$ BEGIN RETURN EXISTS (SELECT FROM «a» WHERE n = $1); END $f$;
CREATE TABLE «S».«c» (n int, CONSTRAINT «d» CHECK («S».«b»(n)) NO INHERIT); INSERT INTO «S».«c» VALUES (1);
CREATE DOMAIN «S».«e» AS int CONSTRAINT «f» CHECK («S».«b»(VALUE));
ALTER TABLE «S».«c» ADD CHECK («S».«b»(n) IS NOT NULL), ADD m «S».«e» DEFAULT 2;
COMMENT ON CONSTRAINT «d» ON «S».«c» IS 'it''s asked'; COMMENT ON CONSTRAINT «f» ON DOMAIN «S».«e» IS 'also';)"},
    OddKind{"a check that its rows violate by now", R"(
CREATE TABLE public.«a» (n int); INSERT INTO public.«a» VALUES (1);
CREATE FUNCTION «S».«b» (int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
    $f$ BEGIN RETURN EXISTS (SELECT FROM «a» WHERE n = $1); END $f$;
CREATE TABLE «S».«c» (n int CONSTRAINT «d» CHECK («S».«b»(n))); CREATE TABLE «S».«e» () INHERITS («S».«c»);
INSERT INTO «S».«c» VALUES (1); INSERT INTO «S».«e» VALUES (1); TRUNCATE public.«a»;)"},
    OddKind{"an index and a view that cannot be made again", R"(
CREATE TABLE public.«a» (n int); INSERT INTO public.«a» VALUES (1);
CREATE FUNCTION «S».«b» (int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
    $f$ BEGIN IF NOT EXISTS (SELECT FROM «a») THEN RAISE 'it''s gone'; END IF; RETURN $1; END $f$;
CREATE TABLE «S».«c» (n int); INSERT INTO «S».«c» VALUES (1); CREATE INDEX «d» ON «S».«c» («S».«b»(n));
CREATE MATERIALIZED VIEW «S».«e» AS SELECT «S».«b»(n) AS n FROM «S».«c»;
CREATE MATERIALIZED VIEW «S».«f» AS SELECT n FROM «S».«e»; COMMENT ON INDEX «S».«d» IS 'lost';
TRUNCATE public.«a»;)"},
    OddKind{"an index by a function of an extension", R"(
CREATE EXTENSION IF NOT EXISTS earthdistance CASCADE; CREATE TABLE «S».«a» (x float8, y float8);
INSERT INTO «S».«a» VALUES (1, 2), (3, 4);
DO $do$ BEGIN EXECUTE replace($x$CREATE INDEX ON «S».«a» USING gist (EXTENSION.ll_to_earth(x, y))$x$, 'EXTENSION',
    (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'earthdistance')); END $do$;)"},
    OddKind{"functions of one's own operators and casts", R"(
CREATE FUNCTION public.«a» (int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION «S».«b» (int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS $f$ SELECT «a»($1) > $2 $f$;
CREATE OPERATOR «S».«o» (LEFTARG = int, RIGHTARG = int, FUNCTION = «S».«b»);
CREATE TABLE «S».«c» (n int CHECK (n OPERATOR(«S».«o») 0), x bool GENERATED ALWAYS AS (n OPERATOR(«S».«o») 1) STORED);
INSERT INTO «S».«c» VALUES (1), (2); CREATE INDEX «d» ON «S».«c» ((n OPERATOR(«S».«o») 5));)"},
    OddKind{"functions with settings, one of a superuser's", R"(
CREATE FUNCTION «S».«a» () RETURNS int LANGUAGE sql SET search_path TO «S», 'it''s' SET work_mem = '1MB'
    AS 'SELECT 1';
CREATE FUNCTION «S».«b» () RETURNS int LANGUAGE sql SET session_replication_role = replica AS 'SELECT 1';
CREATE VIEW «S».«c» AS SELECT «S».«b»() AS x;)"},
    OddKind{"an aggregate of a superuser's", R"(
CREATE AGGREGATE «S».«a» (numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg);
CREATE TABLE «S».«b» (n numeric); INSERT INTO «S».«b» VALUES (1), (2);
CREATE VIEW «S».«c» AS SELECT «S».«a»(n) AS average FROM «S».«b»;)"},
    OddKind{"a type of a superuser's", R"(
CREATE TYPE «S».«a»;
CREATE FUNCTION «S».«b» (cstring) RETURNS «S».«a» LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION «S».«c» («S».«a») RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE «S».«a» (INPUT = «S».«b», OUTPUT = «S».«c», LIKE = text);
CREATE TABLE «S».«d» (id int, x «S».«a»); INSERT INTO «S».«d» VALUES (1, 'x');)"},
    OddKind{"aggregates, operators and casts", R"(
CREATE FUNCTION «S».«a» (int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, 0) + $2';
CREATE AGGREGATE «S».«b» (int) (SFUNC = «S».«a», STYPE = int, INITCOND = '0');
CREATE TYPE «S».«c» AS (x int);
CREATE FUNCTION «S».«a» («S».«c», int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x + $2';
CREATE OPERATOR «S».=#= (LEFTARG = «S».«c», RIGHTARG = int, FUNCTION = «S».«a»);
CREATE FUNCTION «S».«d» («S».«c») RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x';
CREATE CAST («S».«c» AS int) WITH FUNCTION «S».«d»(«S».«c») AS ASSIGNMENT;
CREATE TABLE «S».«e» (x int); INSERT INTO «S».«e» VALUES (1);
CREATE VIEW «S».«f» AS SELECT «S».«b»(x), ROW(1)::«S».«c» OPERATOR(«S».=#=) 2 AS y FROM «S».«e»;)"},
    OddKind{"what only a superuser makes", R"(
CREATE FUNCTION «S».«a» (int, int) RETURNS int LANGUAGE internal AS 'int4pl';
CREATE FUNCTION «S».«b» (int) RETURNS bool LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT true';
CREATE VIEW «S».«c» AS SELECT «S».«a»(1, 2);
CREATE TABLE «S».«d» (x int, CHECK («S».«b»(x))); INSERT INTO «S».«d» VALUES (1);
CREATE INDEX «e» ON «S».«d» («S».«b»(x));)"},
    OddKind{"text search of one's own", R"(
CREATE TEXT SEARCH DICTIONARY «S».«a» (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION «S».«b» (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION «S».«b» ALTER MAPPING FOR word WITH «S».«a», simple;
CREATE TEXT SEARCH TEMPLATE «S».«c» (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TABLE «S».«d» (t text, v tsvector GENERATED ALWAYS AS (to_tsvector('english', t)) STORED);
INSERT INTO «S».«d» (t) VALUES ('The elephants'); CREATE INDEX ON «S».«d» USING gin (v);)"},
    OddKind{"an operator class and an access method", R"(
CREATE OPERATOR CLASS «S».«a» FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
CREATE TABLE «S».«b» (id int); INSERT INTO «S».«b» VALUES (1), (2);
CREATE INDEX «c» ON «S».«b» (id «S».«a»);
CREATE ACCESS METHOD «d» TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE «S».«e» (id int) USING «d»; INSERT INTO «S».«e» VALUES (1);)"},
    OddKind{"a conversion and a transform", R"(
CREATE CONVERSION «S».«a» FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TYPE «S».«b» AS (x int); CREATE CAST («S».«b» AS text) WITH INOUT;)"},
    OddKind{"an event trigger", R"(
CREATE FUNCTION «S».«a» () RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$;
CREATE EVENT TRIGGER «b» ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION «S».«a»();
CREATE EVENT TRIGGER «c» ON sql_drop EXECUTE FUNCTION «S».«a»(); ALTER EVENT TRIGGER «c» DISABLE;)"},
};

}  // namespace

std::span<const OddKind> kinds_of_code() {
    return code;
}

}  // namespace mastobak::test
