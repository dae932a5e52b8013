// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/output.hpp"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "core/json.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/json.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

/// A title, a cleared screen, a bell, C1, a line break, a change of direction, and invalid UTF-8.
const std::string hostile = "\x1b]0;PWN\a\x1b[2J\r\xc2\x9b 2J\nhealth healthy\u202e\u2066\xff";

/// Returns the text that the function writes to a standard stream.
std::string caught(std::FILE* stream, const std::function<void()>& work) {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "caught";
    const UniqueFd target(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    std::fflush(stream);
    const UniqueFd before(::dup(::fileno(stream)));
    ::dup2(target.get(), ::fileno(stream));
    work();
    std::fflush(stream);
    ::dup2(before.get(), ::fileno(stream));
    return test::read(file);
}

bool is_harmless(std::string text) {
    std::erase(text, '\n');
    return readable(text) == text;
}

}  // namespace

TEST_CASE("other people's text begins no line and moves no cursor") {
    const auto text = caught(stdout, [] { say("table '{}'\n", hostile); });
    CHECK(is_harmless(text));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.starts_with("table '\\x1b]0;PWN\\x07"));
    const auto complaint = caught(stderr, [] { say_error("{}: {}\n", 1, hostile.c_str()); });
    CHECK(is_harmless(complaint));
    CHECK(std::count(complaint.begin(), complaint.end(), '\n') == 1);
}

TEST_CASE("arguments of every kind are made harmless, and numbers stay numbers") {
    const std::vector<std::string> several{hostile, "b"};
    CHECK(is_harmless(harmless_text("{}", fmt::join(several, ", "))));
    CHECK(harmless_text("{}", '\x1b') == "\\x1b");
    CHECK(harmless_text("{:>4} {:04o} {:<5}|{:.2f} {}", 7, 0644, "ab", 1.005, true) ==
          "   7 0644 ab   |1.00 true");
}

TEST_CASE("a line of progress keeps to its line") {
    const auto text = caught(stderr, [] { show_line(Terminal::error, hostile); });
    CHECK(text.starts_with("\r\033[K\\x1b]0;PWN"));
    CHECK(is_harmless(text.substr(4)));
}

TEST_CASE("the lines of a library stay lines, and nothing else") {
    CHECK(harmless_lines("one\n  two\x1b[2J\n\nthree") == "one\n  two\\x1b[2J\n\nthree\n");
}

TEST_CASE("JSON is ASCII, whatever is in it") {
    const auto text = caught(stdout, [] { say_json(Json{{"name", hostile}}); });
    for (const char c : text) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
    CHECK(dump(Json("\xc2\x9b\x7f\u202e\u00fc")) == "\"\\u009b\\u007f\\u202e\\u00fc\"");
}

TEST_CASE("the end of a run is harmless, whatever it warns of") {
    RunRecord record;
    record.id = "20261122T030000Z";
    record.set = record.id;
    record.warnings = {hostile};
    const auto text = caught(stdout, [&] { RunReport(Options{}).finish(record); });
    CHECK(is_harmless(text));
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a line of the log is one line, and its values can be told apart") {
    const auto text = caught(stderr, [] {
        make_logger(false)->warn("set={} error={}, will retry", hostile,
                                 quoted_value(R"(relation "a" is not there; \)"));
    });
    CHECK(is_harmless(text));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find(R"(error="relation \"a\" is not there; \\", will retry)") != text.npos);
}

TEST_CASE("what looks like a time in JSON is printed as it is") {
    const Json object{{"warnings", {"2026-11-22T03:00:00.5Z"}}, {"version", "0.1.0"}};
    CHECK(Json::parse(caught(stdout, [&] { say_json(object); })) == object);
}

TEST_CASE("long lines are broken at blanks, and a second column goes on below itself") {
    CHECK(wrapped("one two three\n\nfour\n", 8) == "one two\nthree\n\nfour\n");
    CHECK(wrapped("  --x  one two three\n", 14) == "  --x  one two\n       three\n");
    CHECK(wrapped("unbreakable\n", 4) == "unbreakable\n");
}
