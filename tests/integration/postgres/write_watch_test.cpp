// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/write_watch.hpp"

#include <optional>

#include "fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using Connection = test::Client;
using postgres::Writers;
using postgres::WriteWatch;
using test::PostgresServer;
using test::settings_of;
using Names = std::vector<std::string>;

namespace {

/// A database with one table, and another database on the same server.
struct Written {
    Written() {
        const auto& server = PostgresServer::shared();
        for (const auto* name : {"written", "elsewhere"}) {
            server.create_database(name);
            server.psql(name, "CREATE TABLE t (n int)");
        }
    }
    static Writers of(WriteWatch& watch) { return watch.writers(0, {}); }
};

void insert(Connection& connection) {
    connection.query("INSERT INTO t VALUES (1)");
}

std::string named(const Connection& connection) {
    return "sidekiq 6.5 (pid " + std::to_string(connection.backend_pid()) + ", user postgres)";
}

}  // namespace

TEST_CASE_METHOD(Written, "a client that writes is told, before it commits and after") {
    Connection writer(settings_of("written"));
    writer.query("SET application_name = 'sidekiq 6.5'");
    WriteWatch watch(settings_of("written"));
    writer.query("BEGIN");
    CHECK(of(watch).seen.empty());
    insert(writer);
    CHECK(of(watch).seen == Names{named(writer)});
    writer.query("COMMIT");
    CHECK(of(watch).seen == Names{named(writer)});
    writer.query("SELECT * FROM t");
    CHECK(of(watch).seen == Names{named(writer)});
    CHECK(watch.writers(writer.backend_pid(), {}).seen.size() <= 1);
}

TEST_CASE_METHOD(Written, "a client that has written and left is told") {
    WriteWatch watch(settings_of("written"));
    {
        Connection writer(settings_of("written"));
        insert(writer);
    }
    CHECK(
        test::eventually([&] { return of(watch).seen == Names{"a client that has left since"}; }));
}

TEST_CASE_METHOD(Written, "clients that only read, and what is written elsewhere, are not told") {
    Connection reader(settings_of("written")), elsewhere(settings_of("elsewhere"));
    WriteWatch watch(settings_of("written"));
    reader.query("SELECT * FROM t");
    CHECK(of(watch).seen.empty());
    Connection idle(settings_of("written"));
    WriteWatch later(settings_of("written"));
    insert(elsewhere);
    const auto writers = of(later);
    CHECK(writers.seen.empty());
    CHECK(writers.hidden.empty());
}

TEST_CASE_METHOD(Written, "one that wrote before the watch began, and commits after, is told") {
    std::optional<WriteWatch> watch;
    {
        Connection writer(settings_of("written")), elsewhere(settings_of("elsewhere"));
        writer.query("BEGIN");
        insert(writer);
        insert(elsewhere);  // a later transaction ID than the writer's
        watch.emplace(settings_of("written"));
        writer.query("COMMIT");
    }
    CHECK(
        test::eventually([&] { return of(*watch).seen == Names{"a client that has left since"}; }));
}

TEST_CASE_METHOD(Written,
                 "a role that may not see other sessions names their roles if they write") {
    const auto& server = PostgresServer::shared();
    server.psql("written", "DROP ROLE IF EXISTS blind; CREATE ROLE blind LOGIN");
    server.set_hba("local all all trust\n");
    auto settings = settings_of("written");
    settings.user = "blind";
    Connection client(settings_of("written")), elsewhere(settings_of("elsewhere"));
    client.query("SET application_name = 'sidekiq 6.5'");
    WriteWatch watch(settings);
    CHECK(of(watch).hidden.empty());
    insert(elsewhere);
    CHECK(of(watch).hidden == Names{named(client)});
    client.query("BEGIN");
    insert(client);
    CHECK(of(watch).seen == Names{named(client)});
    client.query("ROLLBACK");
    server.psql("written", "GRANT pg_read_all_stats TO blind");
    CHECK(of(watch).hidden.empty());
}
