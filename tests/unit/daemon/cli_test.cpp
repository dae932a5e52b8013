// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/cli.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

struct Said {
    int status = -1;
    std::string out;
    std::string error;
};

/// Runs the command line in a child process.
/// \param out target of its output; without it, the output is returned
Said mastobak_says(std::vector<std::string> words, int out = -1) {
    TemporaryDirectory directory;
    words.insert(words.begin(), "mastobak");
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto file = [&](const char* name) {
            return ::open((directory / name).c_str(), O_WRONLY | O_CREAT, 0600);
        };
        ::dup2(out >= 0 ? out : file("out"), STDOUT_FILENO);
        ::dup2(file("error"), STDERR_FILENO);
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        const int status = daemon::run_cli(static_cast<int>(argv.size()), argv.data());
        std::fflush(stdout);
        ::_exit(status);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), out >= 0 ? "" : read_file(directory / "out"),
            read_file(directory / "error")};
}

}  // namespace

TEST_CASE("mastobak alone prints its help") {
    const auto said = mastobak_says({});
    CHECK(said.status == 0);
    CHECK(said.out.find("check-config") != std::string::npos);
}

TEST_CASE("a mistyped command is named, with the nearest one") {
    const auto said = mastobak_says({"stauts"});
    CHECK(said.status == 2);
    CHECK(said.error == "mastobak: there is no command 'stauts'; hint: did you mean 'status'?\n");
    CHECK(mastobak_says({"ls"}).error ==
          "mastobak: there is no command 'ls'; hint: did you mean 'list'?\n");
    CHECK(mastobak_says({"help"}).error.find("did you mean '--help'?") != std::string::npos);
}

TEST_CASE("a mistyped option is named, with the nearest one") {
    CHECK(mastobak_says({"list", "--jsno"}).error ==
          "mastobak: 'list' does not take the option '--jsno'; hint: did you mean '--json'?\n");
}

TEST_CASE("an option that would be ignored is refused") {
    CHECK(mastobak_says({"run", "--no-upload"}).status == 2);
    CHECK(mastobak_says({"run", "--follow", "--standalone"}).status == 2);
    CHECK(mastobak_says({"verify", "latest", "--all"}).status == 2);
    CHECK(mastobak_says({"restore", "latest", "--database", "--to", "/x"})
              .error.starts_with("mastobak: --to is for media and configuration files"));
    CHECK(mastobak_says({"restore", "latest", "--media", "--no-repair-remote-media"}).status == 2);
}

TEST_CASE("--config and --verbose are refused where they would be ignored") {
    CHECK(mastobak_says({"-v", "list"}).error ==
          "mastobak: 'list' does not log steps, so it does not take --verbose; hint: leave it out; "
          "run takes it "
          "with --standalone\n");
    CHECK(mastobak_says({"run", "--verbose"}).status == 2);
    CHECK(mastobak_says({"acknowledge", "1", "--list"}).status == 2);
    CHECK(mastobak_says({"acknowledge", "--undo", "--list"}).status == 2);
}

TEST_CASE("the manual has each command, and each option that it takes") {
    const auto manual = read_file(SOURCE_DIR "/packaging/man/mastobak.8") +
                        read_file(SOURCE_DIR "/packaging/man/mastobak-restore.8");
    std::set<std::string> options;
    for (const auto* command :
         {"run",    "cancel",      "status",       "list",   "show",    "verify",       "prune",
          "keep",   "acknowledge", "adopt",        "browse", "extract", "restore",      "drill",
          "repair", "upload",      "check-config", "setup",  "daemon",  "resume-units", "--help"}) {
        CHECK(
            (command[0] == '-' || manual.find(std::string("\n.It Cm ") + command) != manual.npos));
        const auto help = mastobak_says({command, "--help"}).out;
        for (auto at = help.find("--"); at != help.npos; at = help.find("--", at + 2)) {
            const auto end = help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
            options.insert(help.substr(at + 1, end - at - 1));
        }
    }
    CHECK(options.size() >= 30);
    for (const auto& option : options) {
        CAPTURE(option);
        CHECK(manual.find("Fl " + option) != manual.npos);
    }
}

TEST_CASE("what is missing or makes no sense on the command line is told like all else") {
    CHECK(mastobak_says({"keep"}).error ==
          "mastobak: SET is required; hint: see mastobak keep --help\n");
    CHECK(mastobak_says({"list", "--json=x"}).error.starts_with("mastobak: "));
}

TEST_CASE("help fits into eighty columns") {
    for (const auto* command :
         {"run",    "cancel",       "status", "list",   "show",         "verify",  "prune",
          "keep",   "acknowledge",  "adopt",  "browse", "extract",      "restore", "drill",
          "upload", "check-config", "setup",  "daemon", "resume-units", "--help"}) {
        const auto said = mastobak_says({command, "--help"});
        CHECK(said.status == 0);
        std::istringstream lines(said.out);
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(command, line);
            CHECK(line.size() <= 80);
        }
    }
}

TEST_CASE("a reader that went away is no defect, and a full disk is told") {
    TemporaryDirectory directory;
    const auto configuration = directory / "mastobak.yaml";
    std::filesystem::create_directory(directory / "staging");
    write(configuration, "staging:\n  path: " + (directory / "staging").native() + "\n");
    const std::vector<std::string> words{"--config", configuration.native(), "list", "--json"};
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    ::close(pipe[0]);
    const UniqueFd gone(pipe[1]);
    const auto to_nobody = mastobak_says(words, gone.get());
    CHECK(to_nobody.status == 0);
    CHECK(to_nobody.error == "");
    const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const auto to_full = mastobak_says(words, full.get());
    CHECK(to_full.status == 13);
    CHECK(to_full.error.starts_with("mastobak: cannot write the output"));
}
