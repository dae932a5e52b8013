// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/restore.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "core/process/process.hpp"
#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using Connection = test::Client;
using test::contains;
using test::Dumped;
using test::PostgresServer;
using test::settings_of;

namespace {

const std::string target = "it's \"odd\" = ünlike";

struct RestoreFixture {
    const PostgresServer& server = PostgresServer::shared();
    const Dumped& dumped = original();
    postgres::DumpedDatabase facts = dumped.facts();
    postgres::Settings settings = settings_of("postgres");
    postgres::RestoreOptions options{.dump = dumped.file(), .database = target};
    postgres::OnRestoreProgress progress;
    std::stop_source stop;

    static const Dumped& original() {
        static const Dumped dumped("dumped to be restored");
        return dumped;
    }
    RestoreFixture() {
        server.set_hba("local all all trust\n");
        for (const auto& name : databases()) drop(name);
    }
    ~RestoreFixture() {
        for (const auto& name : databases()) drop(name);
    }
    RestoreFixture(const RestoreFixture&) = delete;
    RestoreFixture& operator=(const RestoreFixture&) = delete;

    postgres::RestoredDatabase restore() {
        return postgres::restore_database(settings, facts, options, progress, stop.get_token());
    }
    /// Returns the error of a restore that has to fail, and checks that no other databases are
    /// left.
    Error failure() {
        const auto before = databases();
        const auto error = test::error_of([this] { restore(); });
        CHECK(databases() == before);
        return error;
    }
    std::vector<std::string> databases() const {
        std::vector<std::string> names;
        Connection connection(settings);
        for (const auto& row : connection.query(
                 "SELECT datname FROM pg_database WHERE datname LIKE 'it''s%' ORDER BY 1"))
            names.push_back(row[0].value_or(""));
        return names;
    }
    static std::string quoted(std::string name) {
        for (auto at = name.find('"'); at != std::string::npos; at = name.find('"', at + 2))
            name.insert(at, 1, '"');
        return '"' + name + '"';
    }
    void drop(const std::string& name) const {
        Connection(settings).query("DROP DATABASE " + quoted(name) + " WITH (FORCE)");
    }
    void make(const std::string& name) const {
        Connection(settings).query("CREATE DATABASE " + quoted(name));
    }
    std::string in_target(const std::string& sql) const {
        return Connection(settings_of(target)).value(sql);
    }
    void make_target() const {
        make(target);
        Connection(settings_of(target)).query("CREATE TABLE old AS SELECT 1");
    }
    /// Returns the whole database as text of pg_dump.
    std::string text_of(const std::string& database) const {
        auto environment = settings_of(database).environment();
        auto finished = run({.argv = {server.bin() / "pg_dump"}, .environment = environment});
        REQUIRE(finished.ok());
        // Since PostgreSQL 15.14, these lines differ in each dump.
        auto& text = finished.output;
        for (const std::string key : {"\\restrict ", "\\unrestrict "})
            if (const auto at = text.find(key); at != std::string::npos)
                text.erase(at, text.find('\n', at) - at);
        return text;
    }
};

}  // namespace

TEST_CASE_METHOD(RestoreFixture, "a database is restored as it was, with statistics") {
    const auto restored = restore();
    CHECK(restored.name == target);
    CHECK(restored.renamed.empty());
    CHECK(restored.tables == facts.rows.size());
    CHECK(restored.rows >= 3334);
    CHECK(databases() == std::vector{target});
    CHECK(in_target("SELECT rolname || pg_encoding_to_char(encoding) || datcollate || datctype "
                    "FROM pg_database d JOIN pg_roles r ON r.oid = datdba "
                    "WHERE datname = current_database()") == "masto donUTF8C.UTF-8C.UTF-8");
    CHECK(in_target("SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables "
                    "WHERE schemaname = 'public'") == "masto don");
    CHECK(in_target("SELECT count(*) > 0 FROM pg_stats WHERE tablename = 'statuses'") == "t");
    CHECK(in_target("SELECT rolname FROM pg_extension JOIN pg_roles r ON r.oid = extowner "
                    "WHERE extname = 'pg_stat_statements'") == "postgres");
    auto original = text_of("dumped to be restored"), now = text_of(target);
    for (auto* text : {&original, &now})
        for (const std::string owner : {"OWNER TO postgres;", "OWNER TO \"masto don\";",
                                        "Owner: postgres", "Owner: masto don"})
            for (auto at = text->find(owner); at != std::string::npos; at = text->find(owner))
                text->erase(at, owner.size());
    CHECK(original == now);
}

TEST_CASE_METHOD(RestoreFixture, "a database of ICU's locales is restored as one") {
    facts.locale_provider = "icu";
    facts.locale = "sv-SE";
    restore();
    CHECK(in_target("SELECT 'z' < 'å' AND 'å' < 'ä'") == "t");
}

TEST_CASE_METHOD(RestoreFixture,
                 "progress goes through the dump, the tables, and the foreign keys") {
    std::vector<postgres::RestoreProgress> told;
    progress = [&told](const postgres::RestoreProgress& now) { told.push_back(now); };
    restore();
    REQUIRE(told.size() > 50);
    CHECK(told.front().step == "load");
    CHECK(told.front().done == 1);
    CHECK(std::any_of(told.begin(), told.end(), [this](const auto& now) {
        return now.step == "check" && now.done == facts.rows.size();
    }));
    CHECK(told.back().step == "foreign keys");
    CHECK(told.back().done == told.back().of);
    // Only some of these entries are reported, because the jobs of pg_restore write to one pipe,
    // sometimes into each other's lines.
    CHECK(std::any_of(told.begin(), told.end(), [](const auto& now) {
        return now.item.starts_with("TABLE DATA ") && now.done < now.of;
    }));
}

TEST_CASE_METHOD(RestoreFixture, "a target that is not empty is refused, or renamed") {
    make_target();
    CHECK(contains(failure().text(), "already exists, and is not empty"));
    options.replace = true;
    const auto restored = restore();
    CHECK(restored.renamed.starts_with(target + "_before_20"));
    CHECK(Connection(settings_of(restored.renamed)).value("SELECT count(*) FROM old") == "1");
    CHECK(in_target("SELECT count(*) FROM statuses") == "2000");
}

TEST_CASE_METHOD(RestoreFixture, "a target that is empty gives way") {
    make_target();
    Connection(settings_of(target)).query("DROP TABLE old");
    const auto restored = restore();
    CHECK(databases() == std::vector{target, restored.renamed});
}

TEST_CASE_METHOD(RestoreFixture, "a target in use is refused before anything is done") {
    make_target();
    options.replace = true;
    Connection puma(settings_of(target));
    puma.query("SET application_name = 'puma'");
    CHECK(contains(failure().text(), "it is in use by puma (pid " +
                                         std::to_string(puma.backend_pid()) + ", user postgres)"));
}

TEST_CASE_METHOD(RestoreFixture, "who connects meanwhile is told, and the work is not lost") {
    make_target();
    options.replace = true;
    std::unique_ptr<Connection> puma;
    progress = [&](const postgres::RestoreProgress& now) {
        if (now.step == "check" && now.done == now.of)
            puma = std::make_unique<Connection>(settings_of(target));
    };
    const auto error = test::error_of([this] { restore(); });
    CHECK(
        contains(error.text(), "the restored database is complete, as '" + target + "_restored_"));
    CHECK(contains(error.hint(), "stop Mastodon"));
    CHECK(databases().size() == 2);
    CHECK(in_target("SELECT count(*) FROM old") == "1");
}

TEST_CASE_METHOD(RestoreFixture, "what a killed restore left is dropped, and nothing else") {
    const auto abandoned = target + "_restoring_20261122T030000Z";
    const std::vector<std::string> others{target + "_before_20261122T030000Z",
                                          target + "_restored_20261122T030000Z",
                                          target + "_restoring_by hand"};
    for (const auto& name : others) make(name);
    make(abandoned);
    std::vector<std::string> meanwhile;
    progress = [&](const postgres::RestoreProgress& now) {
        if (now.step != "check" || now.done < now.of) return;
        postgres::drop_abandoned(settings, target, {});
        meanwhile = databases();
    };
    restore();
    // Three other databases, and the one in progress.
    CHECK(meanwhile.size() == 4);
    CHECK(std::count(meanwhile.begin(), meanwhile.end(), abandoned) == 0);
    auto left = others;
    left.insert(left.begin(), target);
    CHECK(databases() == left);
}

TEST_CASE_METHOD(RestoreFixture, "a restore begins in the second in which another was killed") {
    const auto now = std::chrono::system_clock::now();
    for (int second = 0; second < 5; ++second)
        make(target + "_restoring_" + to_set_name(now + std::chrono::seconds(second)));
    postgres::check_before_restore(settings, facts, options, {});
    restore();
    CHECK(in_target("SELECT 1") == "1");
}

TEST_CASE_METHOD(RestoreFixture, "what the server lacks is told before anything is made") {
    SECTION("its version") {
        facts.server_version = "99.1";
        const auto error = failure();
        CHECK(contains(error.text(), "the dump is of PostgreSQL 99.1"));
        CHECK(contains(error.hint(), "postgresql-99"));
    }
    SECTION("a pg_restore that reads it") {
        facts.pg_dump_version = "99.1";
        CHECK(failure().code() == Errc::environment);
    }
    SECTION("the owner") {
        options.owner = "nobody here";
        CHECK(contains(failure().text(), "there is no role 'nobody here'"));
    }
    SECTION("the locale") {
        facts.collation = "tlh_QO.UTF-8";
        const auto error = failure();
        CHECK(error.code() == Errc::environment);
        CHECK(contains(error.text(), "does not have the locale 'tlh_QO.UTF-8'"));
        CHECK(contains(error.hint(), "locale -a"));
    }
    SECTION("the locale, when asked before") {
        facts.collation = "tlh_QO.UTF-8";
        const auto error = test::error_of(
            [this] { postgres::check_before_restore(settings, facts, options, {}); });
        CHECK(error.code() == Errc::environment);
    }
    SECTION("a way in for the role that restores, when asked before") {
        const auto before = databases();
        server.set_hba("local all postgres trust\nlocal all all reject\nhost all all all reject\n");
        const auto error = test::error_of(
            [this] { postgres::check_before_restore(settings, facts, options, {}); });
        CHECK(contains(error.text(), "no role without superuser rights can log in"));
        CHECK(contains(error.hint(), "pg_hba.conf"));
        server.set_hba("local all all trust\n");
        postgres::check_before_restore(settings, facts, options, {});
        CHECK(databases() == before);
        CHECK(server.psql("postgres",
                          "SELECT count(*) FROM pg_roles WHERE rolname LIKE "
                          "'mastobak_restoring%'") == "0");
    }
    SECTION("a right of the role that connects") {
        server.psql("postgres", "DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN");
        server.set_hba("local all all trust\n");
        settings.user = "weak";
        CHECK(contains(failure().text(), "role 'weak' may not create databases"));
        server.psql("postgres", "ALTER ROLE weak CREATEDB");
        CHECK(contains(failure().text(), "role 'weak' may not create databases for 'masto don'"));
    }
}

TEST_CASE_METHOD(RestoreFixture, "a database that is not what was dumped is not put in place") {
    SECTION("a row is missing") {
        ++facts.rows["public.accounts"];
        const auto error = failure();
        CHECK(error.code() == Errc::corrupt);
        CHECK(contains(error.text(), "table 'public.accounts' has 100 rows, not 101"));
    }
    SECTION("a table is missing") {
        facts.rows["public.lost"] = 3;
        CHECK(contains(failure().text(), "table 'public.lost' is missing, with 3 rows"));
    }
    SECTION("the schema is of another version") {
        facts.schema_version = "1";
        CHECK(contains(failure().text(), "is of version '20251217091936', not '1'"));
    }
}

TEST_CASE_METHOD(RestoreFixture, "a duplicate under a unique index is an error that names it") {
    Dumped broken("broken");
    test::break_unique_index("broken");
    broken.again_with("SELECT");
    facts = broken.facts();
    options.dump = broken.file();
    const auto error = failure();
    INFO(error.what());
    CHECK(error.code() == Errc::database);
    CHECK(contains(error.text(), "Odd name_pkey"));
    CHECK(contains(error.hint(), "collation"));
}

TEST_CASE_METHOD(RestoreFixture, "a dump that is cut is refused") {
    const test::TemporaryDirectory directory;
    const auto size = GENERATE(0, 100, 200000);
    options.dump = directory / "cut";
    test::write(options.dump, test::read(dumped.file()).substr(0, size));
    CHECK(failure().text() != "");
}

TEST_CASE_METHOD(RestoreFixture, "a stop request leaves nothing of the restore behind") {
    const auto step = GENERATE("load", "check", "foreign keys");
    progress = [&](const postgres::RestoreProgress& now) {
        if (now.step == step && now.done >= 5) stop.request_stop();
    };
    CHECK(failure().code() == Errc::cancelled);
}

TEST_CASE_METHOD(RestoreFixture, "another owner, and a role that may make databases, will do") {
    server.psql("postgres",
                "DROP ROLE IF EXISTS maker; CREATE ROLE maker LOGIN CREATEDB;"
                "GRANT \"masto don\" TO maker");
    server.set_hba("local all all trust\n");
    Dumped without("without an extension");
    without.again_with("DROP EXTENSION pg_stat_statements");
    facts = without.facts();
    options.dump = without.file();
    settings.user = options.owner = "maker";
    restore();
    CHECK(in_target("SELECT tableowner FROM pg_tables WHERE tablename = 'statuses'") == "maker");
}

TEST_CASE_METHOD(RestoreFixture, "no SQL of a dump runs as a superuser, and no role is left") {
    const test::TemporaryDirectory directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
    const auto caught = directory / "caught";
    Dumped hostile("hostile");
    hostile.again_with(
        "CREATE FUNCTION spring(bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN "
        "IF pg_catalog.current_database() = 'hostile' THEN RETURN true; END IF; "
        "BEGIN PERFORM pg_catalog.set_config('role', 'none', false); "
        "EXCEPTION WHEN OTHERS THEN NULL; END; "
        "IF pg_catalog.current_setting('is_superuser') = 'on' THEN "
        "EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch " +
        caught.native() +
        "'''; END IF; RETURN true; END $$;"
        "CREATE TABLE trap (a bigint CHECK (spring(a))); INSERT INTO trap VALUES (1);"
        "CREATE MATERIALIZED VIEW seen AS SELECT spring(a) FROM trap");
    facts = hostile.facts();
    options.dump = hostile.file();
    options.adapt = [](postgres::Connection& connection) {
        connection.query("UPDATE public.trap SET a = 2");
    };
    const auto restored = restore();
    // All objects belonged to a superuser, and the owner of a database cannot restore this.
    for (const auto& one : restored.left_out)
        CHECK(one.statement.find(" OWNER TO \"postgres\"") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(caught));
    CHECK(in_target("SELECT a FROM trap") == "2");
    CHECK(in_target("SELECT count(*) FROM pg_roles WHERE rolname ~ '^mastobak_restoring'") == "0");
    CHECK(in_target("SELECT tableowner FROM pg_tables WHERE tablename = 'trap'") == "masto don");
}

TEST_CASE_METHOD(RestoreFixture, "what the owner may not make is left out and listed") {
    Dumped odd("odd");
    server.psql("postgres", "DROP ROLE IF EXISTS absent; CREATE ROLE absent");
    odd.again_with(
        "CREATE PUBLICATION everything FOR ALL TABLES;"
        "CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE EVENT TRIGGER ddl ON ddl_command_end EXECUTE FUNCTION on_ddl();"
        "ALTER TABLE \"Odd name\" ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY of_absent ON \"Odd name\" TO absent USING (true);"
        "GRANT SELECT ON accounts TO absent");
    server.psql("odd", "DROP EVENT TRIGGER ddl");  // it would affect the other tests
    server.psql("odd", "DROP OWNED BY absent; DROP ROLE absent");
    facts = odd.facts();
    options.dump = odd.file();
    const auto restored = restore();
    std::string all;
    for (const auto& one : restored.left_out) all += one.statement;
    CHECK(contains(all, "CREATE PUBLICATION everything FOR ALL TABLES"));
    CHECK(contains(all, "CREATE EVENT TRIGGER ddl"));
    CHECK(contains(all, "CREATE POLICY of_absent"));
    CHECK(contains(all, "GRANT SELECT ON TABLE public.accounts TO absent"));
    CHECK(in_target("SELECT count(*) FROM statuses") == "2000");
}

TEST_CASE_METHOD(RestoreFixture, "a database of the superuser's is restored for Mastodon's role") {
    facts.owner = "postgres";
    facts.mastodon_role = "masto don";
    options.owner = postgres::owner_to_be(settings, facts, {});
    CHECK(options.owner == "masto don");
    const auto restored = restore();
    CHECK(restored.owner == "masto don");
    CHECK(in_target("SELECT has_table_privilege('masto don', 'accounts', 'UPDATE')") == "t");
}
