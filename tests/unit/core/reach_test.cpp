// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/reach.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

using Sockets = Reach::Sockets;

Finished confined(std::string script, Reach reach) {
    return run({.argv = {"sh", "-c", std::move(script)}, .reach = std::move(reach)});
}

bool opens_socket(const std::string& family, Sockets sockets) {
    const auto script = "use Socket; exit(socket(my $s, " + family + ", SOCK_STREAM, 0) ? 0 : 1)";
    return run({.argv = {"perl", "-e", script}, .reach = Reach{.sockets = sockets}}).ok();
}

/// Without Landlock, there is nothing to test, and the log says why.
bool paths_are_open() {
    const auto why = why_paths_are_open();
    if (!why.empty()) WARN(why);
    return !why.empty();
}

}  // namespace

TEST_CASE("a confined program reads what it is given, and nothing beside it") {
    if (paths_are_open()) return;
    TemporaryDirectory files;
    write(files / "given/file", "given\n");
    write(files / "key", "secret\n");
    std::filesystem::create_symlink(files / "key", files / "given/led");
    const Reach reach{.reads = {files / "given", files / "missing"}};
    const auto reads = [&](const std::string& path) {
        return run({.argv = {"cat", path}, .reach = reach});
    };
    CHECK(reads(files / "given/file").output == "given\n");
    CHECK_FALSE(reads(files / "key").ok());
    CHECK_FALSE(reads(files / "given/led").ok());
    CHECK(reads(files / "key").reason().find("Permission denied") != std::string::npos);
    // Child processes are confined as well.
    CHECK_FALSE(confined("sh -c 'sh -c \"cat " + (files / "key").native() + "\"'", reach).ok());
    CHECK_FALSE(confined("ls '" + files.path().native() + "'", reach).ok());
    CHECK_FALSE(confined("echo x >>'" + (files / "given/file").native() + "'", reach).ok());
    CHECK_FALSE(confined("rm '" + (files / "given/file").native() + "'", reach).ok());
}

TEST_CASE("a file is given alone, and a directory to write with all that is in it") {
    if (paths_are_open()) return;
    TemporaryDirectory files;
    write(files / "sets/a", "a");
    write(files / "sets/b", "b");
    std::filesystem::create_directory(files / "scratch");
    const Reach reach{.reads = {files / "sets/a"}, .writes = {files / "scratch"}};
    const auto in = [&](const std::string& script) {
        return confined("set -e; cd '" + files.path().native() + "'; " + script, reach).ok();
    };
    CHECK(in("cat sets/a"));
    CHECK_FALSE(in("cat sets/b"));
    CHECK_FALSE(in("ls sets"));
    const Reach lists{.lists = {files / "sets"}};
    CHECK(confined("ls '" + (files / "sets").native() + "'", lists).ok());
    CHECK_FALSE(confined("cat '" + (files / "sets/b").native() + "'", lists).ok());
    CHECK(
        in("mkdir scratch/d; cat sets/a >scratch/d/new; mv scratch/d/new scratch/b; "
           "cat scratch/b; : >scratch/b; rm scratch/b; rmdir scratch/d"));
    CHECK_FALSE(in("echo x >new"));
    CHECK_FALSE(in("cp /bin/true scratch/true; scratch/true"));
    CHECK_FALSE(in("mkdir new"));
    CHECK_FALSE(in("ln sets/b scratch/b"));
    CHECK_FALSE(in("mv sets/b scratch/b"));
}

TEST_CASE("what every program needs is there for a confined one") {
    const auto result = confined(
        "set -e; cat /etc/passwd /etc/hosts >/dev/null; ls /usr/bin >/dev/null; "
        "echo x | cat /dev/stdin; head -c1 /dev/urandom >/dev/null; getent passwd root",
        {});
    INFO(result.reason());
    CHECK(result.ok());
    TemporaryDirectory files;
    write(files / "bin/tool", "#!/bin/sh\ncat \"${0%/*}\"/../lib/part\n");
    write(files / "lib/part", "part\n");
    std::filesystem::permissions(files / "bin/tool", std::filesystem::perms(0755));
    CHECK(run({.argv = {files / "bin/tool"}, .reach = Reach()}).output == "part\n");
}

// For the daemon's user, the modes of the files suffice.
TEST_CASE("a confined program of root reads only public files below /etc") {
    if (paths_are_open() || ::geteuid() != 0) return;
    char name[] = "/etc/mastobak-reach-XXXXXX";
    REQUIRE(::mkdtemp(name));
    const std::filesystem::path files = name;
    write(files / "public/file", "public");
    write(files / "public/key", "secret");
    std::filesystem::permissions(files, std::filesystem::perms(0755));
    std::filesystem::permissions(files / "public/key", std::filesystem::perms(0600));
    const auto known = confined("cat '" + (files / "public/file").native() + "'", {});
    const auto secret = confined("cat '" + (files / "public/key").native() + "'", {});
    std::filesystem::remove_all(files);
    CHECK(known.output == "public");
    CHECK_FALSE(secret.ok());
}

TEST_CASE("a confined program does not look into others, nor end them") {
    if (paths_are_open()) return;
    const auto us = std::to_string(::getpid());
    CHECK_FALSE(confined("cat /proc/" + us + "/environ", {}).ok());
    CHECK_FALSE(confined("cat /proc/" + us + "/maps", {}).ok());
    CHECK(confined("cat /proc/self/maps", {}).ok());
    CHECK(confined("sleep 60 & kill $!; wait $! || true", {}).ok());
    const auto signal = confined("kill -0 " + us, {});
    // Linux 6.12 and newer confine signals.
    if (signal.ok()) WARN("this kernel does not confine signals");
}

TEST_CASE("a confined program opens the sockets that it needs, and no other ones") {
    CHECK_FALSE(opens_socket("AF_UNIX", Sockets::none));
    CHECK_FALSE(opens_socket("AF_INET", Sockets::none));
    CHECK(opens_socket("AF_UNIX", Sockets::of_this_host));
    CHECK_FALSE(opens_socket("AF_INET", Sockets::of_this_host));
    CHECK_FALSE(opens_socket("AF_INET6", Sockets::of_this_host));
    CHECK(opens_socket("AF_INET", Sockets::of_the_internet));
    CHECK(opens_socket("AF_UNIX", Sockets::all));
    CHECK(opens_socket("AF_INET", Sockets::all));
    // AF_PACKET and AF_NETLINK
    CHECK_FALSE(opens_socket("17", Sockets::all));
    CHECK_FALSE(opens_socket("16", Sockets::all));
    // A socket pair has no address. rsync uses one for its own processes.
    const auto pair = "use Socket; exit(socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) ? 0 : 1)";
    CHECK(run({.argv = {"perl", "-e", pair}, .reach = Reach()}).ok());
}

TEST_CASE("a confined program gains no rights and leaves no core") {
    const auto status = confined("cat /proc/self/status; ulimit -c; ulimit -n", {}).output;
    CHECK(status.find("NoNewPrivs:\t1") != std::string::npos);
    CHECK(status.find("Seccomp:\t2") != std::string::npos);
    CHECK(status.find("\n0\n") != std::string::npos);
    // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, if the test runs as root.
    const auto none = "CapEff:\t0000000000000000", of_files = "CapEff:\t0000000000000006";
    CHECK(status.find(::geteuid() == 0 ? of_files : none) != std::string::npos);
}
