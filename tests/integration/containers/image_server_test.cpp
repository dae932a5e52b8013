// SPDX-License-Identifier: GPL-3.0-or-later
// The PostgreSQL of a drill in a container of a real engine, which the daemon reaches only through
// the helper.
#include "restore/drill/image_server.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <utility>

#include "containers/drill_container.hpp"
#include "containers/exec/pg_restore.hpp"
#include "core/error.hpp"
#include "image_host.hpp"
#include "postgres/inspect.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/snapshot.hpp"
#include "project_containers.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/postgres_server.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using postgres::ScratchCluster;
using restore::ImageServer;
namespace fs = std::filesystem;

namespace {

const std::string install = "install it";

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

template <typename Work>
Error error_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return Error(Errc::internal, "no error");
}

/// Runs a program beside the server, as code in a database can, and returns its output.
std::string run_beside(const ScratchCluster& cluster, const std::string& command) {
    postgres::Connection connection(cluster.settings());
    connection.query("CREATE TEMPORARY TABLE IF NOT EXISTS pg_temp.printed (line text)");
    connection.query("COPY pg_temp.printed FROM PROGRAM '" + command + "' (DELIMITER E'\\x01')");
    return connection.value("SELECT coalesce(string_agg(line, ' '), '') FROM pg_temp.printed");
}

}  // namespace

TEST_CASE("a server in an image has no network and no rights, and is gone at its end") {
    ImageHost host;
    const auto image = host.make_image();
    CHECK(host.is_clean());
    {
        auto server =
            std::make_shared<const ImageServer>(host.where, image, install, std::stop_token());
        const ScratchCluster cluster(host.options(server));
        CHECK(cluster.is_elsewhere());
        CHECK(postgres::Connection(cluster.settings()).value("SHOW fsync") == "off");
        CHECK(run_beside(cluster, "cd /sys/class/net; echo *") == "lo");
        CHECK(run_beside(cluster,
                         "id -u; grep ^CapEff: /proc/self/status || "
                         "while read -r l; do case $l in CapEff*) echo $l; esac; done "
                         "</proc/self/status")
                  .starts_with("65534 "));
        CHECK(contains(run_beside(cluster,
                                  "while read -r l; do case $l in Cap[EB]*|NoNew*) echo "
                                  "$l; esac; done </proc/self/status"),
                       "NoNewPrivs: 1"));
        CHECK(run_beside(cluster, "touch /usr/x 2>/dev/null || echo no") == "no");
        CHECK(run_beside(cluster, "cat " + host.where.places.files.native() +
                                      "/turn 2>/dev/null || echo no") == "no");
        // Another drill has to wait.
        const auto error =
            error_of([&] { ImageServer second(host.where, image, install, std::stop_token()); });
        CHECK(error.code() == Errc::environment);
        CHECK(contains(error.text(), "another drill in a container runs"));
        CHECK(server->tools(15, {}).major == PostgresServer::installed().back());
    }
    CHECK(host.is_clean());
    CHECK(host.host.refused() == 0);
}

TEST_CASE("a server runs in an image of podman, too") {
    ImageHost host(ContainerEngine::Kind::podman);
    const auto image = host.make_image();
    {
        auto server =
            std::make_shared<const ImageServer>(host.where, image, install, std::stop_token());
        const ScratchCluster cluster(host.options(server));
        CHECK(run_beside(cluster, "cd /sys/class/net; echo *") == "lo");
        CHECK(run_beside(cluster, "touch /usr/x 2>/dev/null || echo no") == "no");
        CHECK(server->tools(15, {}).major == PostgresServer::installed().back());
    }
    CHECK(host.is_clean());
    // A container that does not end is removed.
    host.host.set_drill_command({"sleep", "1000"});
    const containers::Connection to{.socket = host.where.socket};
    const auto left = containers::start_drill(to, image);
    const auto next = containers::start_drill(to, image);
    CHECK_FALSE(containers::drill_runs(to, left));
    CHECK(containers::drill_runs(to, next));
    containers::remove_drill(to, next);
    CHECK(host.is_clean());
}

TEST_CASE("a dump is restored and compared by the programs of the image") {
    ImageHost host;
    const auto image = host.make_image();
    const PostgresServer origin;
    origin.create_mastodon("mastodon");
    origin.psql("mastodon", R"(
        CREATE ROLE "masto don" LOGIN;
        ALTER DATABASE mastodon OWNER TO "masto don";
        CREATE TABLE "Odd name" (id int PRIMARY KEY);
        INSERT INTO "Odd name" SELECT generate_series(1, 1234);
    )");
    const postgres::Settings from{
        .host = origin.socket_directory(), .database = "mastodon", .user = "postgres"};
    auto server =
        std::make_shared<const ImageServer>(host.where, image, install, std::stop_token());
    const ScratchCluster cluster(host.options(server));
    postgres::DumpedDatabase dumped;
    {
        postgres::Snapshot snapshot(from);
        const auto facts = postgres::inspect(snapshot.connection());
        dumped = {.server_version = facts.server_version_text,
                  .pg_dump_version = facts.server_version_text,
                  .owner = facts.owner,
                  .encoding = facts.encoding,
                  .collation = facts.collation,
                  .ctype = facts.ctype,
                  .schema_version = facts.schema_version,
                  .rows = snapshot.count_rows({})};
    }
    REQUIRE(run({.argv = {origin.bin() / "pg_dump", "-Fc", "-Z0", "-h", from.host, "-U", "postgres",
                          "-f", server->dump(), "mastodon"}})
                .ok());
    cluster.add_role(dumped.owner);
    const auto tools = server->tools(postgres::major_of(dumped.server_version), {});
    const auto restored =
        postgres::restore_database(cluster.settings(), dumped,
                                   {.dump = server->dump(),
                                    .database = "drill",
                                    .login = cluster.settings_of(dumped.owner, "drill"),
                                    .grants = false,
                                    .bin_directory = "/nowhere",
                                    .tools = tools},
                                   {}, {});
    CHECK(restored.rows >= 1234);
    CHECK(restored.comparison.no_objects_because.empty());
    postgres::Connection connection(cluster.settings_of(dumped.owner, "drill"));
    CHECK(connection.value("SELECT count(*) FROM public.\"Odd name\"") == "1234");

    // A failure is reported as that of a pg_restore on the host.
    fs::resize_file(server->dump(), fs::file_size(server->dump()) / 2);
    const auto error = error_of([&] {
        postgres::restore_database(cluster.settings(), dumped,
                                   {.dump = server->dump(),
                                    .database = "second",
                                    .login = cluster.settings_of(dumped.owner, "second"),
                                    .grants = false,
                                    .tools = tools},
                                   {}, {});
    });
    CHECK((error.code() == Errc::database || error.code() == Errc::corrupt));
    CHECK(host.host.refused() == 0);
}

TEST_CASE("a server in an image ends with the process of the drill, and needs no helper for it") {
    ImageHost host;
    const auto image = host.make_image();
    int ready[2]{};
    REQUIRE(::pipe(ready) == 0);
    const auto child = ::fork();
    if (child == 0) {
        try {
            auto server =
                std::make_shared<const ImageServer>(host.where, image, install, std::stop_token());
            const ScratchCluster cluster(host.options(server));
            static_cast<void>(::write(ready[1], "!", 1));
            ::pause();
        } catch (...) {
        }
        ::_exit(1);
    }
    ::close(ready[1]);
    char mark = 0;
    REQUIRE(::read(ready[0], &mark, 1) == 1);
    ::close(ready[0]);
    CHECK_FALSE(host.host.engine.docker({"ps", "-aq"}).empty());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(eventually(
        [&] {
            return host.host.engine.docker({"ps", "-aq"}).empty() &&
                   fs::is_empty(host.where.places.data);
        },
        20s));
    // The next drill removes the rest.
    { const ImageServer next(host.where, image, install, std::stop_token()); }
    CHECK(host.is_clean());
}

TEST_CASE("a container that an earlier drill has left is removed") {
    ImageHost host;
    const auto image = host.make_image();
    const containers::Connection to{.socket = host.where.socket};
    const auto command = host.host.set_drill_command({"sleep", "1000"});
    const auto left = containers::start_drill(to, image);
    CHECK(containers::drill_runs(to, left));
    host.host.set_drill_command(command);
    {
        auto server =
            std::make_shared<const ImageServer>(host.where, image, install, std::stop_token());
        const ScratchCluster cluster(host.options(server));
        CHECK_FALSE(containers::drill_runs(to, left));
    }
    CHECK(host.is_clean());
    host.host.set_drill_command({"sleep", "1000"});
    const auto id = containers::start_drill(to, image);
    containers::remove_drill(to, id);
    containers::remove_drill(to, id);
    CHECK(host.is_clean());
}

TEST_CASE("a drill says what an image lacks") {
    ImageHost host;
    const containers::Connection to{.socket = host.where.socket};
    const std::string unknown(64, 'a');
    CHECK_FALSE(containers::can_drill_in(to, unknown));
    CHECK_FALSE(containers::can_drill_in(to, "postgres:17"));
    CHECK_FALSE(containers::can_drill_in(to, ""));
    CHECK(contains(
        error_of([&] { ImageServer(host.where, unknown, install, std::stop_token()); }).text(),
        "there is no such image"));

    // The image of the engine itself has no program at all.
    const auto empty = host.host.engine.image().substr(7);
    CHECK(containers::can_drill_in(to, empty));
    CHECK(contains(
        error_of([&] { ImageServer(host.where, empty, install, std::stop_token()); }).text(),
        "cannot start the container of a drill"));

    const auto without = host.make_image("/usr/bin:/bin");
    const auto error = error_of([&] {
        auto server =
            std::make_shared<const ImageServer>(host.where, without, install, std::stop_token());
        const ScratchCluster cluster(host.options(server));
    });
    CHECK(error.code() == Errc::environment);
    CAPTURE(error.text());
    CHECK(contains(error.text(), "the image has no program 'initdb'"));
    CHECK(error.hint() == install);
    CHECK(host.is_clean());

    // A helper that makes no such containers, because the engine is rootless.
    host.host.set_drill_command({});
    CHECK_FALSE(containers::can_drill_in(to, without));
}

TEST_CASE("the image of a drill is that of the set, or else that of the project's database") {
    ImageHost host;
    const auto of_set = host.make_image();
    const auto image = host.host.engine.image().substr(7);
    CHECK(restore::image_for_drill(host.where, of_set, {}) == of_set);
    CHECK_FALSE(restore::image_for_drill(host.where, std::string(64, 'a'), {}));
    host.host.engine.run_container("mastodon/web/1.container", serving);
    CHECK_FALSE(restore::image_for_drill(host.where, "", {}));
    host.host.engine.run_container("mastodon/db/1.container", serving);
    CHECK(restore::image_for_drill(host.where, "", {}) == image);
    CHECK(restore::image_for_drill(host.where, std::string(64, 'a'), {}) == image);
    CHECK(restore::image_for_drill(host.where, of_set, {}) == of_set);
    CHECK_FALSE(restore::image_for_drill({}, of_set, {}));
}

TEST_CASE("a drill's calls reach no other container and no other file") {
    ImageHost host;
    const auto image = host.make_image();
    const auto& places = host.where.places;
    const auto db = host.host.engine.run_container("mastodon/db/1.container", serving);
    const auto web = host.host.engine.run_container("mastodon/web/1.container", serving);
    const ImageServer server(host.where, image, install, std::stop_token());
    const auto own = host.host.engine.docker({"inspect", "--format", "{{.Id}}", "mastobak-drill"});
    const containers::PgRestore restore{.reader = "0:0",
                                        .sockets = places.sockets,
                                        .dump = places.dump(),
                                        .list = places.list(),
                                        .database = "drill",
                                        .user = "mastodon",
                                        .password = "secret"};
    const auto asks = [&](const std::string& id, const containers::PgRestore& what) {
        return host.host.ask("POST /containers/" + id + "/exec", containers::exec_body(what));
    };
    CHECK(asks(own, restore) == "201");
    for (const auto& id : {db, web}) {
        CHECK(asks(id, restore) == "403");
        CHECK(host.host.ask("GET /drill/" + id + "/json") == "403");
        CHECK(host.host.ask("POST /drill/" + id + "/remove") == "403");
    }
    auto other = restore;
    other.reader = "65534:65534";
    CHECK(asks(own, other) == "403");
    other = restore;
    other.dump = "/etc/passwd";
    CHECK(asks(own, other) == "403");
    other = restore;
    other.list = places.files / "turn";
    CHECK(asks(own, other) == "403");
    other = restore;
    other.sockets = "/run/postgresql";
    CHECK(asks(own, other) == "403");
    // It is not a container of the project.
    for (const auto* verb : {"stop", "restart", "kill?signal=SIGTSTP"})
        CHECK(host.host.ask("POST /containers/" + own + "/" + verb) == "403");
    CHECK(host.host.ask("GET /containers/" + own + "/json") == "403");
    CHECK(host.host.engine.docker({"ps", "-q", "--filter", "id=" + db}).size() == 12);
}
