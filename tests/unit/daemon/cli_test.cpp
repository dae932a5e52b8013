// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/cli.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
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
    std::fflush(nullptr);  // otherwise the child writes what this process has printed
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

/// Returns the commands that --help lists.
std::vector<std::string> listed_commands() {
    std::istringstream lines(mastobak_says({"--help"}).out);
    std::vector<std::string> commands;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "Subcommands:")
            inside = true;
        else if (!line.starts_with("  "))
            inside = false;
        else if (inside && line[2] != ' ')
            commands.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    REQUIRE(commands.size() >= 21);
    return commands;
}

/// Returns each word of letters and dashes that follows the text.
std::set<std::string> words_after(const std::string& before, const std::string& text) {
    std::set<std::string> words;
    for (auto at = text.find(before); at != text.npos; at = text.find(before, at)) {
        at += before.size();
        const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
        if (end != at) words.insert(text.substr(at, end - at));
    }
    return words;
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
}

TEST_CASE("one command line has one command") {
    CHECK(mastobak_says({"list", "show"})
              .error.starts_with("mastobak: 'list' does not take the argument 'show'"));
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

TEST_CASE("the manual has each command and each option, and no other") {
    const auto pages = read_file(SOURCE_DIR "/packaging/man/mastobak.8") +
                       read_file(SOURCE_DIR "/packaging/man/mastobak-restore.8");
    std::set<std::string> options{"-help", "-version"};
    for (const auto& command : listed_commands()) {
        CAPTURE(command);
        CHECK(pages.find("\n.It Cm " + command) != pages.npos);
        const auto help = mastobak_says({command, "--help"}).out;
        for (const auto& option : words_after("--", help.substr(0, help.find("\nExample:"))))
            options.insert("-" + option);
    }
    for (const auto& option : words_after("--", mastobak_says({"--help"}).out))
        options.insert("-" + option);
    CHECK(options.size() >= 30);
    std::set<std::string> documented;
    for (const auto& option : words_after("Fl -", pages)) documented.insert("-" + option);
    std::vector<std::string> different;
    std::set_symmetric_difference(documented.begin(), documented.end(), options.begin(),
                                  options.end(), std::back_inserter(different));
    CHECK(different == std::vector<std::string>());
}

TEST_CASE("each command's help has an example that the command line understands") {
    for (const auto& command : listed_commands()) {
        CAPTURE(command);
        const auto help = mastobak_says({command, "--help"}).out;
        const auto at = help.find("\nExample: ");
        REQUIRE(at != help.npos);
        std::istringstream examples(help.substr(at + 10));
        for (std::string example; std::getline(examples, example, ';');) {
            std::istringstream in(example);
            std::vector<std::string> words;
            for (std::string word; in >> word && word != "|";) words.push_back(word);
            if (words.empty() || words[0] != "mastobak") continue;
            words.erase(words.begin());
            words.emplace_back("--help");
            CAPTURE(words);
            CHECK(mastobak_says(words).status == 0);
            words.back() = "--not-an-option";
            CHECK(mastobak_says(words).error.find("'--not-an-option'") != std::string::npos);
        }
    }
}

TEST_CASE("help shows the help of a command, or the page of a topic") {
    CHECK(mastobak_says({"help"}).out == mastobak_says({"--help"}).out);
    CHECK(mastobak_says({"help", "list"}).out == mastobak_says({"list", "--help"}).out);
    CHECK(mastobak_says({"help", "lsit"}).error ==
          "mastobak: there is no topic 'lsit'; hint: did you mean 'list'?\n");
    // A man that prints its arguments.
    TemporaryDirectory programs;
    write(programs / "man", "#!/bin/sh\necho page \"$@\"\n");
    std::filesystem::permissions(programs / "man", std::filesystem::perms::owner_all);
    const std::string path = ::getenv("PATH");
    ::setenv("PATH", programs.path().c_str(), 1);
    CHECK(mastobak_says({"help", "config"}).out == "page 5 mastobak.yaml\n");
    CHECK(mastobak_says({"help", "restore"}).out == "page 8 mastobak-restore\n");
    ::setenv("PATH", "/nonexistent", 1);
    CHECK(mastobak_says({"help", "restore"}).out == mastobak_says({"restore", "--help"}).out);
    CHECK(mastobak_says({"help", "formats"}).status == 13);
    ::setenv("PATH", path.c_str(), 1);
}

TEST_CASE("completion knows the commands, their options, and the names of sets and remotes") {
    TemporaryDirectory directory;
    const auto configuration = directory / "mastobak.yaml";
    write(directory / "staging/sets/20261122T030000Z/manifest.json", "");
    write(configuration,
          "staging:\n  path: " + (directory / "staging").native() +
              "\noffsite:\n  - name: nas\n    type: directory\n    target: /mnt/nas\n");
    const auto words = [&](std::vector<std::string> typed) {
        typed.insert(typed.begin(), {"complete", "--", "--config", configuration.native()});
        std::istringstream lines(mastobak_says(typed).out);
        std::string words;
        for (std::string line; std::getline(lines, line);)
            words += (words.empty() ? "" : " ") + line.substr(0, line.find('\t'));
        return words;
    };
    CHECK(words({"res"}) == "none restore resume-units");
    CHECK(words({"drill-"}) == "none");
    CHECK(words({"show", ""}) == "none latest 20261122T030000Z");
    CHECK(words({"show", "latest", ""}) == "none");
    CHECK(words({"verify", "latest", "2"}) == "none 20261122T030000Z");
    CHECK(words({"verify", "--from", ""}) == "none nas");
    CHECK(words({"restore", "--from=n"}) == "directories nas");
    CHECK(words({"restore", "--in"}) == "none --in-place --instance");
    CHECK(words({"restore", "--in-place", "--in"}) == "none --instance");
    // The sets of this configuration, not those of another instance.
    CHECK(words({"show", "--instance", "other", ""}) == "none latest 20261122T030000Z");
    CHECK(words({"show", "--instance", "Not a name", ""}) == "none latest");
    CHECK(words({"restore", "--passfile", ""}) == "files");
    CHECK(words({"restore", "--database", "--rep"}) == "none --replace --repair-remote-media");
    CHECK(words({"nonsense", ""}) == "none");
    CHECK(mastobak_says({"complete", "--", "--config", "/nonexistent", "show", ""}).status == 0);
}

TEST_CASE("the name of an instance is checked") {
    CHECK(mastobak_says({"--instance", "ssh", "list"})
              .error.starts_with("mastobak: an instance cannot be called 'ssh'"));
    CHECK(mastobak_says({"list", "--instance", "../x"})
              .error.starts_with("mastobak: '../x' is not the name of an instance"));
    CHECK(mastobak_says({"--instance", "", "list"}).status == 2);
    CHECK(mastobak_says({"--instance", "none-of-this-name", "list"})
              .error.find("/etc/mastobak/none-of-this-name/mastobak.yaml") != std::string::npos);
    CHECK(mastobak_says({"--instance", "a", "status", "--all"}).status == 2);
}

TEST_CASE("missing and invalid arguments are reported as all other errors are") {
    CHECK(mastobak_says({"keep"}).error ==
          "mastobak: SET is required; hint: see mastobak keep --help\n");
    CHECK(mastobak_says({"list", "--json=x"}).error.starts_with("mastobak: "));
}

TEST_CASE("help fits into eighty columns") {
    auto commands = listed_commands();
    commands.emplace_back("--help");
    for (const auto& command : commands) {
        const auto said = mastobak_says({command, "--help"});
        CHECK(said.status == 0);
        std::istringstream lines(said.out);
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(command, line);
            CHECK(line.size() <= 80);
        }
    }
}

TEST_CASE("a reader that went away is not a defect, and a full disk is an error") {
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
