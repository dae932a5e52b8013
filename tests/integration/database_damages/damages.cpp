// SPDX-License-Identifier: GPL-3.0-or-later
#include "damages.hpp"

#include <array>

namespace mastobak::test {

const char* const whole_database = R"(
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20251217091936');
CREATE EXTENSION pg_trgm; CREATE EXTENSION hstore; CREATE EXTENSION btree_gist;
CREATE SCHEMA more; CREATE TABLE more.things (id int); INSERT INTO more.things VALUES (1);
CREATE SCHEMA empty;
CREATE FUNCTION timestamp_id(table_name text) RETURNS bigint LANGUAGE plpgsql AS
    $f$ BEGIN RETURN (date_part('epoch', now()) * 1000)::bigint << 16; END $f$;
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE FUNCTION half(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 / 2';
CREATE PROCEDURE nothing() LANGUAGE sql AS '';
CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END $f$;
CREATE AGGREGATE sum_of(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE TYPE pair AS (x int, y int);
CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TYPE span AS RANGE (subtype = float8);
CREATE FUNCTION add_pairs(pair, pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x';
CREATE OPERATOR +# (LEFTARG = pair, RIGHTARG = pair, FUNCTION = add_pairs);
CREATE FUNCTION as_int(pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x';
CREATE CAST (pair AS int) WITH FUNCTION as_int(pair); CREATE COLLATION mine FROM "C";
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
CREATE SEQUENCE counter INCREMENT 3; SELECT setval('counter', 4711);
CREATE SEQUENCE unused;
CREATE TABLE accounts (id bigint PRIMARY KEY DEFAULT timestamp_id('accounts'),
    username varchar(30) NOT NULL DEFAULT '', domain varchar, score int CHECK (score >= 0),
    state varchar CHECK (state IN ('new', 'old')), moved bigint, n serial, at tsrange,
    CONSTRAINT no_overlap EXCLUDE USING gist (at WITH &&), UNIQUE (username, domain));
INSERT INTO accounts (id, username, score, state) SELECT n, 'user' || n, n, 'new'
    FROM generate_series(1, 50) n;
ALTER TABLE accounts ADD CONSTRAINT moved_to FOREIGN KEY (moved) REFERENCES accounts (id);
ALTER TABLE accounts ALTER score SET STATISTICS 200; ALTER TABLE accounts SET (fillfactor = 80);
CREATE INDEX by_score ON accounts (score); CREATE INDEX by_state ON accounts (state)
    WHERE state IN ('new', 'old');
CREATE INDEX by_text ON accounts USING gin (username gin_trgm_ops);
CREATE STATISTICS related ON score, state FROM accounts;
CREATE TRIGGER watch BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE TRIGGER silent BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE VIEW locals AS SELECT id, username FROM accounts WHERE domain IS NULL;
CREATE VIEW olds AS SELECT id FROM accounts WHERE state IN ('old', 'new');
CREATE RULE no_delete AS ON DELETE TO locals DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW summaries AS SELECT count(*) FROM accounts;
CREATE MATERIALIZED VIEW filled AS SELECT max(id) AS id FROM accounts;
CREATE UNIQUE INDEX of_filled ON filled (id);
CREATE TABLE secrets (id int PRIMARY KEY); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_of_them ON secrets USING (id > 0); INSERT INTO secrets VALUES (1);
CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO parts VALUES (1, '2020-05-05');
CREATE PUBLICATION changes FOR TABLE accounts; CREATE PUBLICATION everything FOR ALL TABLES;
COMMENT ON TABLE accounts IS 'people'; COMMENT ON COLUMN accounts.score IS 'points';
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$;
CREATE EVENT TRIGGER on_every_ddl ON ddl_command_end EXECUTE FUNCTION on_ddl();
GRANT SELECT ON secrets TO "only named";
ALTER DEFAULT PRIVILEGES IN SCHEMA more GRANT SELECT ON TABLES TO "only named";
COMMENT ON EXTENSION hstore IS 'ours'; COMMENT ON SCHEMA public IS 'of Mastodon';
SELECT lo_from_bytea(4242, 'large');
CREATE TABLE kinds (id int PRIMARY KEY, c_smallint smallint DEFAULT 1, c_bigint bigint DEFAULT 1,
    c_bool bool DEFAULT true, c_varchar varchar DEFAULT 'a', c_text text DEFAULT 'a',
    c_char char(5) DEFAULT 'a', c_byte "char" DEFAULT 'a', c_name name DEFAULT 'a',
    c_real real DEFAULT 0.1, c_double float8 DEFAULT 0.1, c_numeric numeric(40, 20) DEFAULT 1,
    c_money money DEFAULT 1, c_time time DEFAULT '1:00', c_timetz timetz DEFAULT '1:00+0',
    c_date date DEFAULT '2020-01-01', c_timestamp timestamp DEFAULT '2020-01-01',
    c_timestamptz timestamptz DEFAULT '2020-01-01 00:00Z', c_interval interval DEFAULT '1 day',
    c_uuid uuid DEFAULT '00000000-0000-0000-0000-000000000001', c_inet inet DEFAULT '1.2.3.4',
    c_cidr cidr DEFAULT '10.0.0.0/8', c_mac macaddr DEFAULT '08:00:2b:01:02:03',
    c_json json DEFAULT '{"a": 1}', c_jsonb jsonb DEFAULT '{"a": 1}', c_xml text DEFAULT '<a/>',
    c_bytea bytea DEFAULT '\x00ff', c_bit bit(3) DEFAULT '101', c_varbit varbit DEFAULT '1',
    c_ints int[] DEFAULT '{1,2}', c_texts text[] DEFAULT '{a,b}', c_enum mood DEFAULT 'sad',
    c_domain positive DEFAULT 1, c_pair pair DEFAULT '(1,2)', c_range int4range DEFAULT '[1,5)',
    c_span span DEFAULT '[1,5)', c_point point DEFAULT '(1,2)', c_box box DEFAULT '(1,2),(0,0)',
    c_tsvector tsvector DEFAULT 'a b', c_tsquery tsquery DEFAULT 'a', c_oid oid DEFAULT 7,
    c_hstore hstore DEFAULT 'a=>1', c_lsn pg_lsn DEFAULT '0/1', c_null text, c_real_xml xml
    DEFAULT '<a/>', c_mac8 macaddr8 DEFAULT '08:00:2b:01:02:03:04:05', c_path path DEFAULT
    '((0,0),(1,1))', c_polygon polygon DEFAULT '((0,0),(1,1))', c_circle circle DEFAULT '<(0,0),1>',
    c_line line DEFAULT '{1,2,3}', c_lseg lseg DEFAULT '[(0,0),(1,1)]', c_snapshot pg_snapshot
    DEFAULT '10:20:', c_jsonpath jsonpath DEFAULT '$.a', c_multirange int4multirange DEFAULT
    '{[1,5)}', c_pairs pair[] DEFAULT ARRAY['(1,2)'::pair], c_xid xid8 DEFAULT '7');
INSERT INTO kinds (id) SELECT generate_series(1, 300);
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple);
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE OPERATOR FAMILY family USING btree;
CREATE OPERATOR CLASS by_desc FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 2 >=,
    OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(int, int);
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER away FOREIGN DATA WRAPPER nowhere OPTIONS (host 'a');
CREATE USER MAPPING FOR masto SERVER away; CREATE FOREIGN TABLE far (id int) SERVER away;
CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE columns (id int GENERATED ALWAYS AS IDENTITY, a int, s text,
    doubled int GENERATED ALWAYS AS (a * 2) STORED, t text COLLATE "C");
INSERT INTO columns (a) VALUES (1);
CREATE TABLE parent (a int, b int); CREATE TABLE child () INHERITS (parent);
CREATE TYPE trio AS (x int); CREATE TABLE of_trio OF trio; CREATE TYPE level AS ENUM ('a', 'b');
)";

namespace {

constexpr std::array objects{
    // Only the comparison with the recorded contents can find these five.
    Damage{"DROP INDEX by_score", "index 'public.by_score'"},
    Damage{"DROP MATERIALIZED VIEW summaries", "materialized view 'public.summaries'"},
    Damage{"DROP FUNCTION timestamp_id CASCADE", "function 'public.timestamp_id(text)'"},
    Damage{"SELECT setval('counter', 1, false)", "sequence 'public.counter' stands at (1, false)"},
    Damage{"UPDATE accounts SET username = 'User7' WHERE id = 7", "table 'public.accounts' has 50"},

    Damage{"ALTER TABLE accounts ALTER id DROP DEFAULT", "table 'public.accounts' in the dump"},
    Damage{"CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 3 "
           "* $1'",
           "function 'public.twice(integer)'"},
    Damage{"ALTER FUNCTION half(int) SECURITY DEFINER", "function 'public.half(integer)'"},
    Damage{"ALTER FUNCTION half(int) COST 7", "function 'public.half(integer)'"},
    Damage{"DROP PROCEDURE nothing", "procedure 'public.nothing()'"},
    Damage{"DROP AGGREGATE sum_of(int)", "aggregate 'public.sum_of(integer)'"},
    Damage{"ALTER TYPE mood ADD VALUE 'angry'", "type 'public.mood'"},
    Damage{"ALTER TYPE mood RENAME VALUE 'happy' TO 'glad'", "type 'public.mood'"},
    Damage{"ALTER DOMAIN positive DROP CONSTRAINT positive_check", "domain 'public.positive'"},
    Damage{"DROP OPERATOR +# (pair, pair)", "operator 'public.+#'"},
    Damage{"DROP CAST (pair AS int)", "cast 'CAST (public.pair AS integer)'"},
    Damage{"DROP COLLATION mine", "collation 'public.mine'"},
    Damage{"DROP TEXT SEARCH CONFIGURATION words", "text search configuration 'public.words'"},
    Damage{"ALTER SEQUENCE counter INCREMENT 4", "sequence 'public.counter'"},
    Damage{"SELECT nextval('unused')", "sequence 'public.unused' stands at"},
    Damage{"DROP SEQUENCE unused", "sequence 'public.unused'"},
    Damage{"SELECT setval('accounts_n_seq', 7)", "sequence 'public.accounts_n_seq' stands at"},
    Damage{"ALTER TABLE kinds ALTER c_varchar TYPE varchar(40)", "table 'public.kinds'"},
    Damage{"ALTER TABLE accounts ALTER username DROP NOT NULL", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts ALTER username SET DEFAULT 'x'", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts ALTER score SET STATISTICS 100", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts SET (fillfactor = 90)", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts ADD extra int", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts DROP domain CASCADE", "table 'public.accounts'"},
    Damage{"ALTER TABLE kinds SET UNLOGGED", "table 'public.kinds'"},
    Damage{"ALTER TABLE accounts REPLICA IDENTITY FULL", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts DROP CONSTRAINT accounts_score_check", "table 'public.accounts'"},
    Damage{"ALTER TABLE accounts DROP CONSTRAINT accounts_pkey CASCADE",
           "constraint 'public.accounts accounts_pkey'"},
    Damage{"ALTER TABLE accounts DROP CONSTRAINT accounts_username_domain_key",
           "constraint 'public.accounts accounts_username_domain_key'"},
    Damage{"ALTER TABLE accounts DROP CONSTRAINT no_overlap",
           "constraint 'public.accounts no_overlap'"},
    Damage{"ALTER TABLE accounts DROP CONSTRAINT moved_to",
           "fk constraint 'public.accounts moved_to'"},
    Damage{"ALTER TABLE accounts DROP CONSTRAINT moved_to, ADD CONSTRAINT moved_to FOREIGN KEY "
           "(moved) REFERENCES accounts (id) ON DELETE CASCADE",
           "fk constraint 'public.accounts moved_to'"},
    Damage{"DROP INDEX by_state; CREATE INDEX by_state ON accounts (state)",
           "index 'public.by_state'"},
    Damage{"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_text'::regclass",
           "index 'public.by_text'"},
    Damage{"DROP INDEX of_filled", "index 'public.of_filled'"},
    Damage{"DROP STATISTICS related", "statistics 'public.related'"},
    Damage{"DROP TRIGGER watch ON accounts", "trigger 'public.accounts watch'"},
    Damage{"ALTER TABLE accounts DISABLE TRIGGER silent", "trigger 'public.accounts silent'"},
    Damage{"DROP VIEW olds", "view 'public.olds'"},
    Damage{"CREATE OR REPLACE VIEW olds AS SELECT id FROM accounts WHERE state = 'old'",
           "view 'public.olds'"},
    Damage{"DROP RULE no_delete ON locals", "rule 'public.locals no_delete'"},
    Damage{"REFRESH MATERIALIZED VIEW filled WITH NO DATA",
           "materialized view data 'public.filled'"},
    Damage{"DROP POLICY all_of_them ON secrets", "policy 'public.secrets all_of_them'"},
    Damage{"ALTER POLICY all_of_them ON secrets USING (true)",
           "policy 'public.secrets all_of_them'"},
    Damage{"ALTER TABLE secrets DISABLE ROW LEVEL SECURITY", "row security 'public.secrets'"},
    Damage{"ALTER TABLE parts DETACH PARTITION parts_a", "table attach 'public.parts_a'"},
    Damage{"DROP PUBLICATION changes", "publication 'changes'"},
    Damage{"DROP PUBLICATION everything", "publication 'everything'"},
    Damage{"DROP EVENT TRIGGER on_every_ddl", "event trigger 'on_every_ddl'"},
    Damage{"COMMENT ON TABLE accounts IS 'robots'", "comment on 'public.TABLE accounts'"},
    Damage{"COMMENT ON COLUMN accounts.score IS NULL", "comment on 'public.COLUMN accounts.score'"},
    Damage{"DROP EXTENSION btree_gist CASCADE", "extension 'btree_gist'"},
    Damage{"DROP SCHEMA empty", "schema 'empty'"},
    Damage{"DROP TABLE more.things", "table 'more.things'"},
    Damage{"REVOKE SELECT ON secrets FROM \"only named\"", "privileges of 'public.TABLE secrets'"},
    Damage{"ALTER DEFAULT PRIVILEGES IN SCHEMA more REVOKE SELECT ON TABLES FROM \"only named\"",
           "default acl 'more.DEFAULT PRIVILEGES FOR TABLES'"},
    Damage{"COMMENT ON EXTENSION hstore IS 'theirs'", "comment on 'EXTENSION hstore'"},
    Damage{"COMMENT ON EXTENSION pg_trgm IS NULL", "comment on 'EXTENSION pg_trgm'"},
    Damage{"COMMENT ON SCHEMA public IS NULL", "comment on 'SCHEMA public'"},
    Damage{"ALTER SCHEMA public OWNER TO masto", "schema 'public'"},
    Damage{"GRANT CREATE ON SCHEMA public TO \"only named\"", "privileges of 'SCHEMA public'"},
    Damage{"DROP OPERATOR CLASS by_desc USING btree", "operator class 'public.by_desc'"},
    Damage{"DROP OPERATOR FAMILY family USING btree", "operator family 'public.family'"},
    Damage{"DROP CONVERSION latin", "conversion 'public.latin'"},
    Damage{"DROP TEXT SEARCH DICTIONARY dict", "text search dictionary 'public.dict'"},
    Damage{"ALTER TEXT SEARCH DICTIONARY dict (accept = false)",
           "text search dictionary 'public.dict'"},
    Damage{"ALTER TEXT SEARCH CONFIGURATION words DROP MAPPING FOR word",
           "text search configuration 'public.words'"},
    Damage{"DROP FOREIGN DATA WRAPPER nowhere CASCADE", "foreign data wrapper 'nowhere'"},
    Damage{"ALTER SERVER away OPTIONS (SET host 'b')", "server 'away'"},
    Damage{"DROP USER MAPPING FOR masto SERVER away", "user mapping "},
    Damage{"ALTER FOREIGN TABLE far ADD x int", "foreign table 'public.far'"},
    Damage{"DROP ACCESS METHOD heap_too", "access method 'heap_too'"},
    Damage{"ALTER TABLE columns ALTER id SET GENERATED BY DEFAULT",
           "sequence 'public.columns_id_seq'"},
    Damage{"ALTER TABLE columns ALTER id DROP IDENTITY", "sequence 'public.columns_id_seq'"},
    Damage{"ALTER TABLE columns ALTER doubled DROP EXPRESSION", "table 'public.columns'"},
    Damage{"ALTER TABLE columns ALTER t TYPE text COLLATE \"POSIX\"", "table 'public.columns'"},
    Damage{"ALTER TABLE columns ALTER t SET STORAGE EXTERNAL", "table 'public.columns'"},
    Damage{"ALTER TABLE columns ALTER s SET COMPRESSION lz4", "table 'public.columns'"},
    Damage{"ALTER TABLE columns ALTER s SET (n_distinct = 5)", "table 'public.columns'"},
    Damage{"ALTER TABLE columns DROP s; ALTER TABLE columns ADD s text", "table 'public.columns'"},
    Damage{"ALTER TABLE accounts SET (autovacuum_enabled = off)", "table 'public.accounts'"},
    Damage{"ALTER TABLE child NO INHERIT parent", "table 'public.child'"},
    Damage{"ALTER TABLE child ALTER a SET DEFAULT 7", "default 'public.child a'"},
    Damage{"ALTER TABLE of_trio NOT OF", "table 'public.of_trio'"},
    Damage{"ALTER TYPE trio ADD ATTRIBUTE y int CASCADE", "type 'public.trio'"},
    Damage{"DROP TYPE level; CREATE TYPE level AS ENUM ('a')", "type 'public.level'"},
    Damage{"DROP TYPE level; CREATE TYPE level AS ENUM ('b', 'a')", "type 'public.level'"},
    Damage{"ALTER TABLE parts DETACH PARTITION parts_a; ALTER TABLE parts ATTACH PARTITION "
           "parts_a "
           "FOR VALUES FROM ('2020-01-01') TO ('2022-01-01')",
           "table attach 'public.parts_a'"},
    Damage{"ALTER DOMAIN positive SET DEFAULT 5", "domain 'public.positive'"},
    Damage{"ALTER DOMAIN positive SET NOT NULL", "domain 'public.positive'"},
    Damage{"DROP COLLATION mine; CREATE COLLATION mine FROM \"POSIX\"", "collation 'public.mine'"},
    Damage{"DROP CAST (pair AS int); CREATE CAST (pair AS int) WITH FUNCTION as_int(pair) AS "
           "ASSIGNMENT",
           "cast 'CAST (public.pair AS integer)'"},
    Damage{"ALTER STATISTICS related SET STATISTICS 7", "statistics 'public.related'"},
    Damage{"DROP STATISTICS related; CREATE STATISTICS related (ndistinct) ON score, state FROM "
           "accounts",
           "statistics 'public.related'"},
    Damage{"CREATE OR REPLACE RULE no_delete AS ON DELETE TO locals DO ALSO NOTHING",
           "rule 'public.locals no_delete'"},
    Damage{"ALTER EVENT TRIGGER on_every_ddl DISABLE", "event trigger 'on_every_ddl'"},
    Damage{"ALTER PUBLICATION changes SET (publish = 'insert')", "publication 'changes'"},
    Damage{"ALTER PUBLICATION changes DROP TABLE accounts", "publication table "},
    Damage{"ALTER INDEX by_score SET (fillfactor = 50)", "index 'public.by_score'"},
    Damage{"ALTER TABLE accounts CLUSTER ON by_score", "index 'public.by_score'"},
    Damage{"ALTER TABLE secrets FORCE ROW LEVEL SECURITY", "table 'public.secrets'"},
    Damage{"ALTER TABLE accounts ENABLE ALWAYS TRIGGER watch", "trigger 'public.accounts watch'"},
    Damage{"ALTER VIEW locals SET (security_barrier)", "view 'public.locals'"},
    Damage{"ALTER SEQUENCE unused MAXVALUE 9 CYCLE", "sequence 'public.unused'"},
    Damage{"ALTER SEQUENCE accounts_n_seq OWNED BY NONE",
           "sequence owned by 'public.accounts_n_seq'"},
    Damage{"ALTER FUNCTION twice(int) STABLE", "function 'public.twice(integer)'"},
    Damage{"ALTER FUNCTION twice(int) SET search_path = public",
           "function 'public.twice(integer)'"},
    Damage{"ALTER TABLE accounts ALTER CONSTRAINT moved_to DEFERRABLE",
           "fk constraint 'public.accounts moved_to'"},
    Damage{"COMMENT ON INDEX by_score IS 'new'", "comment on 'public.INDEX by_score'"},
    Damage{"REVOKE EXECUTE ON FUNCTION half(int) FROM PUBLIC",
           "privileges of 'public.FUNCTION half"},
    Damage{"GRANT UPDATE (score) ON accounts TO \"only named\"",
           "privileges of 'public.COLUMN accounts.score'"},
    Damage{"ALTER EXTENSION hstore SET SCHEMA more", "extension 'hstore'"},
    Damage{"ALTER SCHEMA empty OWNER TO \"only named\"",
           "schema 'empty' in the dump belongs to 'only named'"},
    Damage{"ALTER VIEW locals OWNER TO \"only named\"",
           "view 'public.locals' in the dump belongs to 'only named'"},
};

constexpr std::array rows{
    Damage{"DELETE FROM accounts WHERE id = 50", "table 'public.accounts' has 49 rows, not 50"},
    Damage{"DELETE FROM kinds WHERE id = 300; INSERT INTO kinds (id) VALUES (301)",
           "table 'public.kinds' has 300"},
    Damage{"UPDATE accounts SET username = 'user' || (51 - score)", "table 'public.accounts'"},
    Damage{"TRUNCATE more.things; INSERT INTO more.things VALUES (2)", "table 'more.things'"},
    Damage{"TRUNCATE parts; INSERT INTO parts VALUES (2, '2020-05-05')", "table 'public.parts_a'"},
    Damage{"INSERT INTO accounts (id, username) VALUES (51, 'new')", "51 rows, not 50"},
    Damage{"SELECT lo_put(4242, 0, 'L')", "large object"},
    Damage{"SELECT lo_unlink(4242)", "there are 0 large objects, not 1"},
    Damage{"c_smallint = 2", ""},
    Damage{"c_bigint = 2", ""},
    Damage{"c_bool = false", ""},
    Damage{"c_varchar = 'a '", ""},
    Damage{"c_text = E'a\\n'", ""},
    Damage{"c_char = 'b'", ""},
    Damage{"c_byte = 'b'", ""},
    Damage{"c_name = 'b'", ""},
    Damage{"c_real = 0.1000001", ""},
    Damage{"c_double = 0.10000000000000002", ""},
    Damage{"c_numeric = 1.00000000000000000001", ""},
    Damage{"c_money = 1.01", ""},
    Damage{"c_time = '1:00:00.000001'", ""},
    Damage{"c_timetz = '1:00+1'", ""},
    Damage{"c_date = '2020-01-02'", ""},
    Damage{"c_timestamp = '2020-01-01 00:00:00.000001'", ""},
    Damage{"c_timestamptz = '2020-01-01 00:00:01Z'", ""},
    Damage{"c_interval = '24 hours'", ""},
    Damage{"c_uuid = '00000000-0000-0000-0000-000000000002'", ""},
    Damage{"c_inet = '1.2.3.5'", ""},
    Damage{"c_cidr = '10.0.0.0/9'", ""},
    Damage{"c_mac = '08:00:2b:01:02:04'", ""},
    Damage{"c_json = '{\"a\":1}'", ""},
    Damage{"c_jsonb = '{\"a\": 1.0}'", ""},
    Damage{"c_xml = '<b/>'", ""},
    Damage{"c_bytea = '\\x00fe'", ""},
    Damage{"c_bit = '100'", ""},
    Damage{"c_varbit = '10'", ""},
    Damage{"c_ints = '{2,1}'", ""},
    Damage{"c_texts = '{a,NULL}'", ""},
    Damage{"c_enum = 'happy'", ""},
    Damage{"c_domain = 2", ""},
    Damage{"c_pair = '(2,1)'", ""},
    Damage{"c_range = '[1,5]'", ""},
    Damage{"c_span = '[1,5]'", ""},
    Damage{"c_point = '(2,1)'", ""},
    Damage{"c_box = '(2,2),(0,0)'", ""},
    Damage{"c_tsvector = 'a c'", ""},
    Damage{"c_tsquery = 'b'", ""},
    Damage{"c_oid = 8", ""},
    Damage{"c_hstore = 'a=>NULL'", ""},
    Damage{"c_lsn = '0/2'", ""},
    Damage{"c_null = ''", ""},
    Damage{"c_text = NULL", ""},
    Damage{"c_real_xml = '<b/>'", ""},
    Damage{"c_mac8 = '08:00:2b:01:02:03:04:06'", ""},
    Damage{"c_path = '((0,0),(1,2))'", ""},
    Damage{"c_polygon = '((0,0),(1,2))'", ""},
    Damage{"c_circle = '<(0,0),2>'", ""},
    Damage{"c_line = '{1,2,4}'", ""},
    Damage{"c_lseg = '[(0,0),(1,2)]'", ""},
    Damage{"c_snapshot = '10:21:'", ""},
    Damage{"c_jsonpath = '$.b'", ""},
    Damage{"c_multirange = '{[1,6)}'", ""},
    Damage{"c_pairs = '{\"(1,3)\"}'", ""},
    Damage{"c_xid = '8'", ""},
};

}  // namespace

std::span<const Damage> damages_of_objects() {
    return objects;
}

std::span<const Damage> damages_of_rows() {
    return rows;
}

}  // namespace mastobak::test
