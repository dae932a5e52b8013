// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/test_host.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using mastobak::test::TestHost;

TEST_CASE("a test host runs a real systemd, and what is written inside stays inside") {
    const TestHost host({.setup = "echo prepared >$ROOTFS/etc/prepared"});
    CHECK(host.sh("cat /proc/1/comm /etc/prepared") == "systemd\nprepared");
    CHECK(host.exec({"false"}).exit_status == 1);
    CHECK_FALSE(std::filesystem::exists("/etc/prepared"));

    host.add_unit("a.service", "[Service]\nExecStart=sleep infinity\n");
    host.sh("systemctl start a");
    CHECK(host.state_of("a.service") == "active");
}

TEST_CASE("a test host keeps its disk across a power cut, but nothing runs any more") {
    TestHost host;
    host.add_unit("a.service", "[Service]\nExecStart=sleep infinity\n");
    host.sh("systemctl start a; echo kept >/etc/kept; sync");
    host.crash();
    CHECK(host.sh("cat /etc/kept") == "kept");
    CHECK(host.state_of("a.service") == "inactive");
}

TEST_CASE("a test host dies with the process that started it") {
    const test::TemporaryDirectory left_behind;
    int name_pipe[2];
    REQUIRE(::pipe(name_pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(name_pipe[0]);
        ::setenv("TMPDIR", left_behind.path().c_str(), 1);
        const TestHost host;
        const std::string root = host.root();
        if (::write(name_pipe[1], root.data(), root.size()) < 0) ::_exit(1);
        ::close(name_pipe[1]);
        for (;;) ::pause();
    }
    ::close(name_pipe[1]);
    std::string root(256, '\0');
    const auto length = ::read(name_pipe[0], root.data(), root.size());
    REQUIRE(length > 0);
    root.resize(static_cast<std::size_t>(length));
    REQUIRE(std::filesystem::exists(root + "/run/systemd/system"));

    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(test::eventually([&] { return !std::filesystem::exists(root + "/run/systemd/system"); }));
    ::close(name_pipe[0]);
}
