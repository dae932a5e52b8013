// SPDX-License-Identifier: GPL-3.0-or-later
// pg_dump in a container of a real engine, which the daemon reaches only through the helper.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "backup/database/dump_tools.hpp"
#include "containers/exec/exec.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/exec/program.hpp"
#include "core/error.hpp"
#include "helped_engine.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/rows/dumped_rows.hpp"
#include "postgres/snapshot.hpp"
#include "project_containers.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/has.hpp"
#include "support/offsite_servers.hpp"
#include "support/postgres_server.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;

namespace {

constexpr auto database = "mastodon";

/// A Mastodon whose database wants a password, and is reached by TCP. Its container has the network
/// of the host. The image's own pg_dump is the newest one here.
struct Compose {
    HelpedEngine host;
    std::uint16_t port = test::free_port();
    PostgresServer server{{"listen_addresses=127.0.0.1", "port=" + std::to_string(port)}};
    TemporaryDirectory directory;
    config::Config config;
    std::string container;
    postgres::Settings settings{.host = "127.0.0.1",
                                .port = port,
                                .database = database,
                                .user = "mastodon",
                                .password = "s3 cr'et"};
    std::optional<backup::ComposeFacts> facts = backup::ComposeFacts{};

    explicit Compose(const std::string& pg_dump = {}) {
        auto path = server.bin().native();
        if (!pg_dump.empty()) {
            write(directory / "pg_dump", "#!/bin/sh\n" + pg_dump);
            std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
            std::filesystem::permissions(directory / "pg_dump", std::filesystem::perms(0755));
            path = directory.path().native() + ":" + path;
        }
        container = host.engine.run_container(
            db, serving,
            {"--env=PATH=" + path + ":/usr/bin:/bin", "--env=PGHOST=elsewhere.example",
             "--volume=" + directory.path().native() + ":" + directory.path().native() + ":ro"});
        server.create_mastodon(database);
        server.psql(database, "CREATE ROLE mastodon SUPERUSER LOGIN PASSWORD 's3 cr''et'");
        server.psql(database,
                    "INSERT INTO accounts (username, created_at, updated_at) "
                    "SELECT 'user' || n, now(), now() FROM generate_series(1, 20000) n");
        server.set_hba("local all all trust\nhost all all all scram-sha-256\n");
        config.mastodon.compose.project = "mastodon";
        config.database.dump_in = "db";
        look();
    }

    /// Learns of the project's containers what the daemon learns.
    void look() {
        facts->project.clear();
        const containers::Connection to{.socket = host.socket()};
        for (const auto& one : containers::list(to, "mastodon"))
            facts->project.push_back(*containers::inspect(to, one.id));
    }
    postgres::Tools tools() {
        postgres::Connection connection(settings);
        return backup::dump_tools(config, facts, settings, connection, {}, host.socket());
    }
    Error refusal() {
        try {
            tools();
        } catch (const Error& error) {
            return error;
        }
        return Error(Errc::internal, "no error");
    }
    Error failure(const postgres::DumpOptions& options, std::stop_token stop = {}) {
        try {
            postgres::try_dump(settings, tools(), postgres::DumpPart::all, options,
                               std::move(stop));
        } catch (const Error& error) {
            return error;
        }
        return Error(Errc::internal, "no error");
    }
    /// Returns whether no pg_dump has a session, and none runs in the container.
    bool none_left() const {
        return eventually([&] {
            return server.psql("postgres",
                               "SELECT count(*) FROM pg_stat_activity "
                               "WHERE application_name LIKE 'mastobak dump%'") == "0" &&
                   host.engine.docker({"top", container, "-eo", "pid,args"}).find("pg_dump") ==
                       std::string::npos;
        });
    }
    bool session_waits() const {
        return eventually([&] {
            return server.psql("postgres",
                               "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
                               "'Lock' AND application_name LIKE 'mastobak dump%'") == "1";
        });
    }
};

}  // namespace

TEST_CASE("a dump of the container's pg_dump is what the host's snapshot counted") {
    Compose compose;
    postgres::Snapshot snapshot(compose.settings);
    const auto counted = snapshot.count_rows({});
    compose.server.psql(database, "DELETE FROM accounts");
    const auto tools = compose.tools();
    CHECK(tools.place == db);
    CHECK(tools.major == snapshot.connection().server_major());
    CHECK(tools.version == postgres::find_tools(tools.major).version);
    const auto file = compose.directory / "database.dump.zst";
    double progress = 0;
    const auto dump = postgres::dump(compose.settings, tools, snapshot.id(), file, {},
                                     [&](const auto& now) { progress = now.fraction; }, {});
    CHECK(counted.at("public.accounts") == 20'000);
    CHECK(postgres::read_all_rows(file, postgres::find_tools(tools.major), nullptr, {}).counts ==
          counted);
    REQUIRE(dump.contents);
    // A host without a pg_restore of that version reads the same rows.
    CHECK_FALSE(tools.pg_restore.empty());
    const auto read = postgres::read_all_rows(file, tools, &dump.contents->key, {});
    auto without = tools;
    without.pg_restore.clear();
    const auto read_without = postgres::read_all_rows(file, without, &dump.contents->key, {});
    CHECK(read_without.counts == read.counts);
    for (const auto& [table, digest] : read.digests)
        CHECK(read_without.digests.at(table) == digest);
    CHECK(progress == 1);
    CHECK(compose.host.refused() == 0);
    // Without the snapshot, it reads what is there now.
    CHECK(postgres::try_dump(compose.settings, tools, postgres::DumpPart::all, {}, {}) <
          dump.uncompressed);
    // No argument of a process had the password, and no event of the engine.
    const auto events = compose.host.engine.docker(
        {"events", "--since=0", "--until=" + std::to_string(std::time(nullptr) + 1)});
    CHECK(has(events, "exec_create"));
    CHECK_FALSE(has(events, "s3 cr"));
}

TEST_CASE(
    "the host's pg_dump is used if it is new enough and the configuration does not say more") {
    Compose compose;
    compose.config.database.dump_in.clear();
    CHECK(compose.tools().place.empty());
    // Without one, or with an old one, it is the container's.
    compose.config.database.bin_directory = compose.directory / "none";
    CHECK(compose.tools().place == db);
    compose.facts.reset();
    CHECK(has(compose.refusal().what(), "no pg_dump is found"));
    compose.facts = backup::ComposeFacts{};
    CHECK(has(compose.refusal().hint(), "set database.dump_in to the service of the database"));
    compose.config.database.dump_in = "postgres";
    CHECK(has(compose.refusal().what(), "the service 'postgres' has no container that runs"));
}

TEST_CASE("what a host lacks to restore such a dump is said with what to install") {
    Compose compose;
    const auto tools = compose.tools();
    CHECK(backup::restore_obstacles(compose.config, tools, compose.host.socket(), {}).empty());
    auto newer = tools;
    newer.major = newer.server_major = 99;
    const auto obstacles =
        backup::restore_obstacles(compose.config, newer, compose.host.socket(), {});
    REQUIRE(obstacles.size() == 2);
    CHECK(has(obstacles[0], "cannot restore the dump: the dump was made by pg_dump 99"));
    CHECK(has(obstacles[0], "hint: install the package postgresql-client-99"));
    CHECK(has(obstacles[1], "cannot drill the set: no PostgreSQL server of version 99"));
    CHECK(has(obstacles[1], "hint: install the package postgresql-99"));
    compose.config.drill.schedule = config::DrillSchedule::never;
    CHECK(backup::restore_obstacles(compose.config, newer, compose.host.socket(), {}).size() == 1);
}

TEST_CASE("a pg_dump in a container that reads another server is refused") {
    Compose compose;
    backup::try_tools(compose.settings, compose.tools(), {}, {});
    PostgresServer other;
    other.create_database(database);
    other.psql(database, "CREATE ROLE mastodon SUPERUSER LOGIN");
    auto elsewhere = compose.settings;
    elsewhere.host = other.socket_directory();
    elsewhere.port = other.port();
    try {
        backup::try_tools(elsewhere, compose.tools(), {}, {});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::database);
        CHECK(has(error.what(), "pg_dump in mastodon/db/1.container reads another server than"));
    }
}

TEST_CASE("a pg_dump that fails in a container says why") {
    Compose compose;
    SECTION("the role may not log in") {
        compose.server.set_hba("local all all trust\nhost postgres all all scram-sha-256\n");
        // The answer of the server is that of a connection from the host.
        const auto tools = [&] {
            auto settings = compose.settings;
            settings.database = "postgres";
            postgres::Connection connection(settings);
            return backup::dump_tools(compose.config, compose.facts, settings, connection, {},
                                      compose.host.socket());
        }();
        try {
            postgres::try_dump(compose.settings, tools, postgres::DumpPart::definitions, {}, {});
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::database);
            CHECK(has(error.what(), "no pg_hba.conf entry"));
        }
    }
    SECTION("another client holds a lock") {
        postgres::Connection other(compose.settings);
        other.query("BEGIN");
        other.query("LOCK TABLE public.accounts");
        const auto error = compose.failure({.lock_timeout = 1s});
        CHECK(error.code() == Errc::database);
        CHECK(has(error.what(), "no lock within 1 s; it is held by"));
        CHECK(compose.none_left());
    }
    SECTION("the container does not run any more") {
        const auto tools = compose.tools();
        compose.host.engine.docker({"stop", compose.container});
        try {
            postgres::try_dump(compose.settings, tools, postgres::DumpPart::all, {}, {});
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::database);
            CHECK(has(error.what(), "pg_dump in mastodon/db/1.container: "));
        }
    }
}

TEST_CASE("a pg_dump in a container ends with the run that wants it") {
    Compose compose;
    postgres::Connection other(compose.settings);
    other.query("BEGIN");
    other.query("LOCK TABLE public.accounts");
    SECTION("a cancelled one within seconds") {
        std::stop_source stop;
        const std::jthread cancels([&] {
            compose.session_waits();
            stop.request_stop();
        });
        const auto error = compose.failure({}, stop.get_token());
        CHECK(error.code() == Errc::cancelled);
    }
    SECTION("and when the daemon is killed") {
        const auto tools = compose.tools();
        const auto child = ::fork();
        if (child == 0) {
            try {
                postgres::try_dump(compose.settings, tools, postgres::DumpPart::all, {}, {});
            } catch (...) {
            }
            ::_exit(0);
        }
        CHECK(compose.session_waits());
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    CHECK(compose.none_left());
    other.query("COMMIT");
    CHECK(compose.failure({}).text() == "no error");
}

TEST_CASE("a pg_dump in a container that hangs is ended") {
    Compose compose("case $1 in --version) exec pg_dump.real --version;; esac; sleep 600");
    std::filesystem::create_symlink(compose.server.bin() / "pg_dump",
                                    compose.directory / "pg_dump.real");
    const auto error = compose.failure({.lock_timeout = 0s, .longest_silence = 1s});
    CHECK(error.code() == Errc::database);
    CHECK(has(error.what(), "it wrote nothing for 1 s and was ended"));
    CHECK(compose.none_left());
}

TEST_CASE("a dump of megabytes keeps its bytes, also when its reader is slow") {
    Compose compose(
        "case $1 in --version) exec pg_dump.real --version;; esac; "
        "printf PGDMP; head -c 30000000 /dev/zero; echo 'pg_dump: warning: x' >&2");
    std::filesystem::create_symlink(compose.server.bin() / "pg_dump",
                                    compose.directory / "pg_dump.real");
    const auto tools = compose.tools();
    std::size_t size = 0;
    std::size_t errors = 0;
    const auto finished = tools.run({.settings = compose.settings,
                                     .silence = 20s,
                                     .on_output =
                                         [&](std::span<const std::byte> block) {
                                             if (size < 2'000'000)
                                                 std::this_thread::sleep_for(10ms);
                                             size += block.size();
                                         },
                                     .on_error_line = [&](std::string_view) { ++errors; }},
                                    {});
    CHECK(finished.reason() == "exit status 0: pg_dump: warning: x");
    CHECK(size == 30'000'005);
    CHECK(errors == 1);
}

TEST_CASE("pg_dump is run only in the container of the database, and reads only its server") {
    Compose compose;
    const auto id = compose.host.engine.run_container(web, serving);
    const auto other = compose.host.engine.run_container("other/db/1.container", serving);
    const auto ask = [&](const std::string& container, const containers::PgDump& dump) {
        return compose.host.ask("POST /containers/" + container + "/exec",
                                containers::exec_body(dump));
    };
    const containers::PgDump dump{.address = "127.0.0.1", .database = "x", .user = "x"};
    CHECK(ask(compose.container, dump) == "201");
    CHECK(ask(id, dump) == "403");
    CHECK(ask(other, dump) == "403");
    auto elsewhere = dump;
    elsewhere.address = "127.0.0.2";
    CHECK(ask(compose.container, elsewhere) == "403");
    CHECK(compose.host.ask("POST /containers/" + id + "/exec", containers::version_body()) ==
          "403");
    CHECK(compose.host.ask("POST /containers/" + compose.container + "/exec",
                           containers::ending_body(1)) == "403");
    CHECK(compose.host.ask(
              "POST /containers/" + compose.container + "/exec",
              R"({"Cmd": ["/bin/sh", "-c", "kill -TSTP -1"], "AttachStdout": true})") == "403");
    // An exec is started once.
    const auto made = compose.host.send(
        "POST /containers/" + compose.container +
        "/exec HTTP/1.1\r\nContent-Length: " + std::to_string(containers::version_body().size()) +
        "\r\n\r\n" + containers::version_body());
    const auto exec = made.substr(made.find(R"("Id":")") + 6, 64);
    CHECK(compose.host.ask("POST /exec/" + exec + "/start", "{}") == "200");
    CHECK(compose.host.ask("POST /exec/" + exec + "/start", "{}") == "409");
    CHECK(compose.host.refused() == 6);
}

TEST_CASE("podman runs a pg_dump in a container, too") {
    ContainerEngine engine(ContainerEngine::Kind::podman);
    const auto id = engine.run_container(db, serving);
    const containers::Connection to{.socket = engine.socket()};
    std::string output;
    std::vector<std::string> errors;
    const auto script = "echo out; echo oh >&2; id -u; exit 7";
    const auto finished = containers::run_in_container(
        to, id, containers::exec_body(containers::Program{.argv = {"sh", "-c", script}}),
        {.on_output =
             [&](std::span<const std::byte> block) {
                 output.append(reinterpret_cast<const char*>(block.data()), block.size());
             },
         .on_error_line = [&](std::string_view line) { errors.emplace_back(line); },
         .silence = 20s});
    CHECK(finished.exit_status == 7);
    CHECK(output == "out\n65534\n");
    CHECK(errors == std::vector<std::string>{"oh"});
    std::stop_source stop;
    const containers::Connection stoppable{.socket = engine.socket(), .stop = stop.get_token()};
    const auto sleeps = containers::exec_body(
        containers::Program{.argv = {"sh", "-c", "echo begun; exec sleep 603"}});
    const auto sleepers = [&] {
        const auto all = containers::processes(to, id);
        return std::ranges::count_if(
            all, [](const auto& process) { return process.command == "sleep 603"; });
    };
    CHECK_THROWS_AS(containers::run_in_container(
                        stoppable, id, sleeps,
                        {.on_output = [&](auto) { stop.request_stop(); }, .silence = 20s}),
                    Error);
    CHECK(eventually([&] { return sleepers() == 0; }));
}
