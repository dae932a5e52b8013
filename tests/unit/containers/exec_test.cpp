// SPDX-License-Identifier: GPL-3.0-or-later
// A program in a container whose engine answers wrongly, slowly or not at all.
#include "containers/exec/exec.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "containers/exec/frames.hpp"
#include "containers/exec/program.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/http_answers.hpp"
#include "support/temporary_directory.hpp"
#include "unit/containers/container_id.hpp"
#include "unit/containers/frame.hpp"

using namespace mastobak;
using namespace mastobak::containers;
using namespace mastobak::test;
using namespace std::chrono_literals;
using test::http_answer;

namespace {

/// The answer of an engine that starts a program: it ends with the connection.
std::string stream(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n" + body;
}

const auto made = http_answer("201 Created", R"({"Id": ")" + std::string(64, 'b') + R"("})");
const auto ended = http_answer("200 OK", R"({"Running": false, "ExitCode": 3})");

/// An engine that gives these answers.
struct ExecEngine {
    explicit ExecEngine(std::vector<std::string> answers)
        : server(std::move(answers), directory / "api.sock") {}

    Finished run(const ExecOutput& how, std::stop_token stop = {}) {
        return run_in_container(
            {.socket = directory / "api.sock", .stop = std::move(stop), .patience = 2s}, id,
            exec_body(Program{.argv = {"pg_dump"}}), how);
    }
    Finished run() {
        return run({.on_output =
                        [this](std::span<const std::byte> block) {
                            output.append(reinterpret_cast<const char*>(block.data()),
                                          block.size());
                        },
                    .on_error_line = [this](std::string_view line) { lines.emplace_back(line); },
                    .silence = 500ms});
    }
    std::string failure() {
        try {
            run();
            return {};
        } catch (const Error& error) {
            CHECK(error.code() == Errc::units);
            return error.what();
        }
    }

    test::TemporaryDirectory directory;
    test::HttpAnswers server;
    std::string output;
    std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("output, errors and exit status of a program arrive, and not its process id") {
    ExecEngine engine({made,
                       stream(frame(Frames::output, "4") + frame(Frames::errors, "pg_du") +
                              frame(Frames::output, "2\nPG") + frame(Frames::output, "DMP") +
                              frame(Frames::errors, "mp: error: x\n")),
                       http_answer("200 OK", R"({"Running": true, "ExitCode": null})"), ended});
    const auto finished = engine.run();
    CHECK(finished.exit_status == 3);
    CHECK_FALSE(finished.was_silent);
    CHECK(engine.output == "PGDMP");
    CHECK(engine.lines == std::vector<std::string>{"pg_dump: error: x"});
    CHECK(finished.reason() == "exit status 3: pg_dump: error: x");
}

TEST_CASE("output without a process id is not lost") {
    for (const std::string output :
         {"sh: no", "12", "12 monkeys\n", "a longer line than an id\n"}) {
        ExecEngine engine(
            {made, stream(frame(Frames::output, output) + frame(Frames::errors, "7\n")), ended});
        engine.run();
        CHECK(engine.output == output);
        CHECK(engine.lines == std::vector<std::string>{"7"});
    }
}

TEST_CASE("an answer that is no stream of frames is an error") {
    const auto failure = [](const std::string& started) {
        return ExecEngine({made, started}).failure();
    };
    CHECK(has(failure(stream("PGDMP and no frames")), "has no frames"));
    CHECK(has(failure(stream(frame(Frames::output, "PGDMP").substr(0, 11))), "within a frame"));
    CHECK(has(failure(http_answer("500 Oh", R"({"message": "no runtime"})")), "no runtime"));
    CHECK(
        has(failure("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + frame(Frames::output, "x")),
            "cannot be used"));
    CHECK(has(ExecEngine({http_answer("409 Conflict", R"({"message": "it is paused"})")}).failure(),
              "it is paused"));
    CHECK(has(ExecEngine({}).failure(), "cannot be used"));
}

TEST_CASE("a program that writes nothing is ended") {
    ExecEngine engine({made, test::http_silence});
    const auto began = std::chrono::steady_clock::now();
    const auto finished = engine.run();
    CHECK(finished.was_silent);
    CHECK(finished.reason() == "no output for too long");
    CHECK(std::chrono::steady_clock::now() - began < 4s);
}

TEST_CASE("a program is ended when its output is not wanted any more") {
    const auto started = stream(frame(Frames::output, "42\n") + frame(Frames::output, "PGDMP"));
    ExecEngine engine({made, started, made, stream({})});
    const auto fail = [](std::span<const std::byte>) { throw std::runtime_error("full"); };
    CHECK_THROWS_WITH(engine.run({.on_output = fail, .silence = 5s}), "full");
    const auto requests = engine.server.requests();
    REQUIRE(requests.size() == 4);
    CHECK(has(requests[2], "kill -TERM 42"));
    CHECK(has(requests[2], R"("User":"65534:65534")"));
}

TEST_CASE("an error of the disk stays one") {
    ExecEngine engine({made, stream(frame(Frames::output, "PGDMP"))});
    const auto fail = [](std::span<const std::byte>) {
        throw Error(Errc::environment, "the disk is full");
    };
    try {
        engine.run({.on_output = fail, .silence = 5s});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.text() == "the disk is full");
    }
}

TEST_CASE("a program is cancelled without delay") {
    ExecEngine engine({made, test::http_silence});
    std::stop_source stop;
    const std::jthread later([&stop] {
        std::this_thread::sleep_for(100ms);
        stop.request_stop();
    });
    const auto began = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(engine.run({.on_output = [](auto) {}, .silence = 1min}, stop.get_token()),
                    Error);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}
