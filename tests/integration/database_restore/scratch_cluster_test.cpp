// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch/scratch_cluster.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>

#include "core/process/privilege.hpp"
#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/processes.hpp"

using namespace mastobak;
using Connection = test::Client;
using postgres::ScratchCluster;
namespace fs = std::filesystem;

namespace {

constexpr int oldest_server = 13;
/// Environment variable of the child process.
constexpr auto parent_of_cluster = "MASTOBAK_TEST_CLUSTER_IN";

/// A directory that other users can enter.
struct ScratchFixture {
    test::TemporaryDirectory directory;
    postgres::ScratchOptions options{
        .parent = directory.path(), .major = oldest_server, .user = "nobody"};

    ScratchFixture() { fs::permissions(directory.path(), fs::perms(0711)); }
};

/// Runs a program in the cluster as its superuser, and returns its output.
std::string run_in(const ScratchCluster& cluster, const std::string& command) {
    Connection connection(cluster.settings());
    connection.query("CREATE TEMPORARY TABLE printed (line text)");
    connection.query("COPY printed FROM PROGRAM '" + command + "' (DELIMITER E'\\x01')");
    return connection.value("SELECT coalesce(string_agg(line, ' '), '') FROM printed");
}

}  // namespace

TEST_CASE_METHOD(ScratchFixture, "a scratch cluster is private, and gone with its object") {
    {
        const ScratchCluster cluster(options);
        CHECK_FALSE(test::processes_with(directory.path()).empty());
        Connection connection(cluster.settings());
        CHECK(connection.value("SHOW listen_addresses") == "");
        struct stat status {};
        REQUIRE(::stat(cluster.settings().host.c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0700);
        CHECK(status.st_uid != 0);
    }
    CHECK(test::processes_with(directory.path()).empty());
    CHECK(fs::is_empty(directory.path()));
}

TEST_CASE_METHOD(ScratchFixture,
                 "processes of a scratch cluster have no network and end with the cluster") {
    {
        const ScratchCluster cluster(options);
        CHECK(run_in(cluster, "grep -c : /proc/net/dev") == "1");  // only the loopback interface
        CHECK(test::contains(run_in(cluster, "grep NoNewPrivs /proc/self/status"), "1"));
        CHECK(test::contains(run_in(cluster, "grep CapBnd /proc/self/status"), "0000000000000000"));
        CHECK_FALSE(test::contains(run_in(cluster, "cat /proc/*/comm"), "integration_dat"));
        run_in(cluster, "setsid sleep 424242 >/dev/null 2>&1 </dev/null &");
        REQUIRE(test::eventually([] { return !test::processes_with("424242").empty(); }));
    }
    CHECK(test::processes_with("424242").empty());
}

TEST_CASE_METHOD(ScratchFixture, "the user of a scratch cluster is not trusted by it") {
    const ScratchCluster cluster(options);
    const auto psql = "psql -w -h " + cluster.settings().host;
    CHECK(test::contains(run_in(cluster, psql + " -U postgres -l 2>&1 || true"),
                         "Peer authentication failed"));
    cluster.add_role("mastodon");
    CHECK(test::contains(run_in(cluster, psql + " -U mastodon -l 2>&1 || true"), "no password"));
}

TEST_CASE_METHOD(ScratchFixture, "no other server answers in the place of a scratch cluster") {
    const ScratchCluster cluster(options);
    const auto socket = fs::path(cluster.settings().host) / ".s.PGSQL.5432";
    const auto other = test::PostgresServer::shared().socket_directory() / ".s.PGSQL.5432";
    fs::rename(socket, directory / "moved");
    fs::create_symlink(other, socket);
    const auto error = test::error_of([&] { Connection(cluster.settings()); });
    CHECK(test::contains(error.text(), "requirepeer"));
    fs::rename(directory / "moved", socket);
    CHECK_NOTHROW(Connection(cluster.settings()));
}

TEST_CASE_METHOD(ScratchFixture, "a role of a scratch cluster logs in, whatever its name is") {
    const ScratchCluster cluster(options);
    for (const std::string role : {"mastodon", "masto \"don", "it's"}) {
        cluster.add_role(role);
        Connection connection(cluster.settings_of(role, "postgres"));
        CHECK(connection.value("SELECT session_user") == role);
        CHECK(connection.value("SHOW is_superuser") == "off");
    }
}

TEST_CASE_METHOD(ScratchFixture, "a database is restored into a scratch cluster") {
    const test::Dumped dumped("dumped for scratch");
    const ScratchCluster cluster(options);
    cluster.add_role(dumped.facts().owner);
    const auto owner = cluster.settings_of(dumped.facts().owner, "drill");
    const auto restored = postgres::restore_database(
        cluster.settings(), dumped.facts(),
        {.dump = dumped.file(), .database = "drill", .login = owner}, {}, {});
    CHECK(restored.rows > 3000);
    CHECK(Connection(owner).value("SELECT count(*) FROM statuses") == "2000");
}

TEST_CASE_METHOD(ScratchFixture, "a scratch cluster is made by an unprivileged process too") {
    const auto own = directory / "own";
    fs::create_directory(own);
    give_to_user(own, "nobody");
    options.parent = own;
    std::string answer;
    run_as_user("nobody", [&] {
        const ScratchCluster cluster(options);
        answer = Connection(cluster.settings()).value("SELECT 1");
    });
    CHECK(answer == "1");
    CHECK(fs::is_empty(own));
}

// A new process instead of fork(), because a forked copy of this process would miss its threads.
TEST_CASE("a process has a scratch cluster until it is killed", "[.child]") {
    const fs::path parent = ::getenv(parent_of_cluster);
    const ScratchCluster cluster({.parent = parent, .major = oldest_server, .user = "nobody"});
    test::write(parent / "made", "");
    ::alarm(120);  // in case it is not killed
    ::pause();
}

TEST_CASE_METHOD(ScratchFixture, "a scratch cluster dies with the process that made it") {
    const auto self = fs::read_symlink("/proc/self/exe");
    ::setenv(parent_of_cluster, directory.path().c_str(), 1);
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(self.c_str(), self.c_str(), "[.child]", nullptr);
        ::_exit(1);
    }
    REQUIRE(
        test::eventually([&] { return fs::exists(directory / "made"); }, std::chrono::seconds(60)));
    fs::remove(directory / "made");
    REQUIRE_FALSE(test::processes_with(directory.path()).empty());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(test::eventually([&] { return test::processes_with(directory.path()).empty(); }));
}

TEST_CASE_METHOD(ScratchFixture,
                 "a scratch cluster that cannot be is an error, and leaves nothing") {
    SECTION("it is not installed") {
        options.major = 99;
        const auto error = test::error_of([&] { ScratchCluster cluster(options); });
        CHECK(error.code() == Errc::environment);
        CHECK(test::contains(error.hint(), "postgresql-99"));
    }
    SECTION("its user cannot come to it") {
        fs::permissions(directory.path(), fs::perms(0700));
        const auto error = test::error_of([&] { ScratchCluster cluster(options); });
        CHECK(test::contains(error.hint(), "can user 'nobody' go through"));
    }
    SECTION("its path is too long") {
        options.parent /= std::string(90, 'x');
        const auto error = test::error_of([&] { ScratchCluster cluster(options); });
        CHECK(test::contains(error.text(), "too long for a socket"));
    }
    SECTION("it is told to stop") {
        std::stop_source stop;
        stop.request_stop();
        const auto error =
            test::error_of([&] { ScratchCluster cluster(options, stop.get_token()); });
        CHECK(error.code() == Errc::cancelled);
    }
    CHECK(fs::is_empty(directory.path()));
}
