// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/process.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace std::chrono_literals;

namespace {

Command sh(std::string script) {
    return {.argv = {"sh", "-c", std::move(script)}};
}

bool runs(const std::string& pid) {
    std::ifstream stat("/proc/" + pid + "/stat");
    std::string number, name, state;
    return (stat >> number >> name >> state) && state != "Z" && state != "X";
}

}  // namespace

TEST_CASE("a program's output and exit status come back") {
    const auto result = run(sh("echo out; echo err >&2; exit 3"));
    CHECK(result.output == "out\n");
    CHECK(result.exit_status == 3);
    CHECK_FALSE(result.ok());
    CHECK(result.reason() == "exit status 3: err");
}

TEST_CASE("a program that is not there is an error that names it") {
    REQUIRE_THROWS_WITH(
        run({.argv = {"mastobak-no-such-program"}}),
        Catch::Matchers::StartsWith("'mastobak-no-such-program' is not installed; hint: install"));
    REQUIRE_THROWS_AS(run({.argv = {"/etc/passwd"}}), Error);
}

TEST_CASE("a child gets the proxies only if it asks for them") {
    ::setenv("https_proxy", "http://user:password@proxy.example:3128", 1);
    ::setenv("NO_PROXY", "localhost", 1);
    const bool proxies = GENERATE(false, true);
    Command command{.argv = {"env"}};
    command.proxies = proxies;
    const auto seen = run(command).output;
    ::unsetenv("https_proxy");
    ::unsetenv("NO_PROXY");
    CHECK((seen.find("https_proxy=http://user") != seen.npos) == proxies);
    CHECK((seen.find("NO_PROXY=localhost") != seen.npos) == proxies);
}

TEST_CASE("a child sees nothing of our environment but what it needs") {
    ::setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
    auto command = sh("env");
    command.environment["PGPASSWORD"] = "secret";
    const auto output = run(command).output;
    ::unsetenv("AWS_SECRET_ACCESS_KEY");
    CHECK(output.find("AWS_SECRET") == std::string::npos);
    CHECK(output.find("PGPASSWORD=secret") != std::string::npos);
    CHECK(output.find("PATH=") != std::string::npos);
}

TEST_CASE("input is given in blocks of any size, and megabytes of it come back") {
    const std::size_t total = 8 << 20;
    std::size_t given = 0;
    std::size_t returned = 0;
    Command command{.argv = {"cat"}};
    command.input = [&](std::span<std::byte> block) {
        const auto size = std::min({block.size(), total - given, std::size_t{99'999}});
        std::fill_n(block.begin(), size, std::byte{'x'});
        given += size;
        return size;
    };
    command.on_output = [&](std::span<const std::byte> block) { returned += block.size(); };
    CHECK(run(command).ok());
    CHECK(returned == total);
}

TEST_CASE("a program that stops reading its input is judged by its exit status") {
    auto command = sh("head -c1 >/dev/null; exit 0");
    command.input = [](std::span<std::byte> block) { return block.size(); };
    CHECK(run(command).ok());
}

TEST_CASE("lines of standard error are seen as they come") {
    std::vector<std::string> lines;
    auto command = sh("echo one >&2; printf 'two\nthree' >&2");
    command.on_error_line = [&](std::string_view line) { lines.emplace_back(line); };
    run(command);
    CHECK(lines == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("output without an end is an error, not a listing that lacks the rest") {
    CHECK_THROWS_WITH(run({.argv = {"cat", "/dev/zero"}}),
                      Catch::Contains("'cat' wrote more than 16 MiB to its output"));
}

TEST_CASE("a line without an end costs no more memory than a long one") {
    auto command = sh("head -c 16M /dev/zero | tr '\\0' x >&2; echo end >&2");
    std::size_t longest = 0;
    command.on_error_line = [&](std::string_view line) {
        longest = std::max(longest, line.size());
    };
    const auto result = run(command);
    CHECK(result.ok());
    CHECK(longest <= 8192);
    CHECK(result.error_tail.size() <= 4096);
}

TEST_CASE("a program writes no file that is longer than it may") {
    const test::TemporaryDirectory directory;
    auto command = sh("head -c 1M /dev/zero >'" + (directory / "file").native() + "'");
    command.largest_file = Bytes{5000};
    const auto result = run(command);
    CHECK(result.exit_status == 1);
    CHECK(result.error_tail.find("File too large") != std::string::npos);
    CHECK(std::filesystem::file_size(directory / "file") == 5000);
    command.largest_file.reset();
    CHECK(run(command).ok());
}

TEST_CASE("a time limit ends the program and its children") {
    auto command = sh("sleep 1000 & echo $!; wait");
    command.timeout = 100ms;
    const auto result = run(command);
    CHECK(result.timed_out);
    CHECK_FALSE(result.ok());
    const auto pid = result.output.substr(0, result.output.find('\n'));
    CHECK(test::eventually([&] { return !runs(pid); }));
}

TEST_CASE("a program that is silent for too long is ended, one that only takes long is not") {
    auto command = sh("echo begun; exec sleep 1000");
    command.silence = 100ms;
    const auto result = run(command);
    CHECK(result.was_silent);
    CHECK(result.output == "begun\n");
    CHECK(result.reason() == "no output for too long");
    command = sh("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done");
    command.silence = 500ms;
    CHECK(run(command).ok());
}

TEST_CASE("one that ignores SIGTERM is killed") {
    auto command = sh("trap '' TERM; while :; do sleep 0.01; done");
    command.timeout = 50ms;
    command.kill_after = 50ms;
    CHECK(run(command).signal == 9);
}

TEST_CASE("a stop request ends the program") {
    std::stop_source stop;
    auto command = sh("echo ready; exec sleep 1000");
    command.on_output = [&](auto) { stop.request_stop(); };
    try {
        run(command, stop.get_token());
        FAIL("it was not cancelled");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::cancelled);
    }
}

TEST_CASE("an exception of a callback ends the program and is passed on") {
    auto command = sh("echo x; exec sleep 1000");
    command.on_output = [](auto) { throw Error(Errc::staging, "disk full"); };
    REQUIRE_THROWS_WITH(run(command), "disk full");
}

TEST_CASE("a grandchild that keeps the output open does not outlive a time limit") {
    auto command = sh("setsid sleep 3 & exit 0");
    command.timeout = 100ms;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(run(command).ok());
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("a program has a session of its own, and no terminal") {
    // "pid (comm) state ppid pgrp session tty_nr …"
    const auto stat = run(sh("echo $$; cat /proc/$$/stat")).output;
    std::istringstream fields(stat);
    std::string pid, same, name, state, parent, group, session, terminal;
    fields >> pid >> same >> name >> state >> parent >> group >> session >> terminal;
    CHECK(session == pid);
    CHECK(group == pid);
    CHECK(terminal == "0");
}
