// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch_cluster.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>

#include "core/as_user.hpp"
#include "dumped.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using Connection = test::Client;
using postgres::ScratchCluster;
namespace fs = std::filesystem;

namespace {

constexpr int oldest_server = 13;
/// In the environment of another process of ours.
constexpr auto parent_of_cluster = "MASTOBAK_TEST_CLUSTER_IN";

/// A directory that other users can go through.
struct ScratchFixture {
    test::TemporaryDirectory directory;
    postgres::ScratchOptions options{.parent = directory.path(), .major = oldest_server};

    ScratchFixture() { fs::permissions(directory.path(), fs::perms(0711)); }
};

bool alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

pid_t postmaster_of(const fs::path& parent) {
    for (const auto& entry : fs::directory_iterator(parent))
        if (fs::exists(entry.path() / "data/postmaster.pid"))
            return std::stoi(test::read(entry.path() / "data/postmaster.pid"));
    return 0;
}

}  // namespace

TEST_CASE_METHOD(ScratchFixture, "a scratch cluster is private, and gone with its object") {
    pid_t postmaster = 0;
    {
        const ScratchCluster cluster(options);
        postmaster = postmaster_of(directory.path());
        CHECK(alive(postmaster));
        Connection connection(cluster.settings());
        CHECK(connection.value("SHOW listen_addresses") == "");
        struct stat status {};
        REQUIRE(::stat(cluster.settings().host.c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0700);
        CHECK(status.st_uid != 0);
    }
    CHECK_FALSE(alive(postmaster));
    CHECK(fs::is_empty(directory.path()));
}

TEST_CASE_METHOD(ScratchFixture, "a database is restored into a scratch cluster") {
    const test::Dumped dumped("dumped for scratch");
    const ScratchCluster cluster(options);
    cluster.add_role(dumped.facts().owner);
    const auto restored = postgres::restore_database(
        cluster.settings(), dumped.facts(), {.dump = dumped.file(), .database = "drill"}, {}, {});
    CHECK(restored.rows > 3000);
    CHECK(Connection(cluster.settings("drill")).value("SELECT count(*) FROM statuses") == "2000");
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

// Not a forked copy of us, which has threads by then that a sanitizer would miss.
TEST_CASE("a process has a scratch cluster until it is killed", "[.child]") {
    const fs::path parent = ::getenv(parent_of_cluster);
    const ScratchCluster cluster({.parent = parent, .major = oldest_server});
    test::write(parent / "made", "");
    ::alarm(120);  // should nobody kill it
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
    const auto postmaster = postmaster_of(directory.path());
    REQUIRE(postmaster > 0);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(test::eventually([&] { return !alive(postmaster); }));
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
        CHECK(test::contains(error.hint(), "can user 'postgres' go through"));
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
