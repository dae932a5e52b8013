// SPDX-License-Identifier: GPL-3.0-or-later
// Calls of a container engine that answers wrongly, slowly, endlessly or not at all.
#include "containers/engine.hpp"

#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/http_answers.hpp"
#include "support/temporary_directory.hpp"
#include "unit/containers/container_id.hpp"

using namespace mastobak;
using namespace mastobak::containers;
using namespace mastobak::test;
using namespace std::chrono_literals;
using test::http_answer;

namespace {

/// An engine that gives these answers.
struct ListingEngine {
    explicit ListingEngine(std::vector<std::string> answers)
        : server(std::move(answers), directory / "api.sock") {}

    test::TemporaryDirectory directory;
    test::HttpAnswers server;
    const Connection to{.socket = directory / "api.sock", .patience = 300ms, .wait = 300ms};
};

std::string failure_of(const ListingEngine& engine) {
    try {
        list(engine.to, "mastodon");
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == Errc::units);
        return error.what();
    }
}

}  // namespace

TEST_CASE("a call names its project and asks for containers in every state") {
    ListingEngine engine({http_answer("200 OK", "[]")});
    CHECK(list(engine.to, "mastodon").empty());
    CHECK(engine.server.asked() ==
          std::vector<std::string>{"GET /containers/json?all=true&filters=%7B%22label%22%3A%5B%22"
                                   "com.docker.compose.project%3Dmastodon%22%5D%7D HTTP/1.1"});
}

TEST_CASE("an engine that is not there, or answers no HTTP, is an error that names it") {
    const test::TemporaryDirectory directory;
    CHECK_THROWS_WITH(
        list({.socket = directory / "none"}, "mastodon"),
        Catch::Matchers::StartsWith("the container engine at '" + (directory / "none").native() +
                                    "' cannot be used: No such file"));
    CHECK(has(failure_of(ListingEngine({"SSH-2.0-OpenSSH_9.2\r\n"})), "cannot be used"));
    CHECK(has(failure_of(ListingEngine({""})), "cannot be used"));
}

TEST_CASE("an engine that does not answer is left after a time") {
    const auto begun = std::chrono::steady_clock::now();
    CHECK(has(failure_of(ListingEngine({test::http_silence})), "it does not answer"));
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a call that waits can be cancelled at once") {
    ListingEngine engine({test::http_silence});
    std::stop_source stop;
    auto to = engine.to;
    to.stop = stop.get_token();
    to.wait = 1h;
    const std::jthread canceller([&stop] {
        std::this_thread::sleep_for(50ms);
        stop.request_stop();
    });
    try {
        containers::stop(to, id);
        FAIL("stopped");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::cancelled);
    }
}

TEST_CASE("an answer without an end is not read to its end") {
    const auto endless = http_answer("200 OK", "[" + std::string(5 << 20, ' ') + "]");
    CHECK(has(failure_of(ListingEngine({endless})), "its answer is longer than 4.0 MiB"));
}

TEST_CASE("a refusal and a failure give the engine's reason") {
    const auto refused = failure_of(
        ListingEngine({http_answer("403 Forbidden", R"({"message": "not a service of ours"})")}));
    CHECK(has(refused, "refused: not a service of ours"));
    CHECK(has(refused, "hint: mastobak-containers.service permits only"));
    CHECK(has(failure_of(ListingEngine({http_answer("500 Error", R"({"message": "disk full"})")})),
              "list containers: the container engine answers with status 500: disk full"));
    CHECK(has(failure_of(ListingEngine({http_answer("200 OK", "{}")})),
              "is not a list of containers"));
}

TEST_CASE("a change that is done already is done, and a container that is gone is told apart") {
    CHECK(stop(ListingEngine({http_answer("304 Not Modified", "")}).to, id).kind == Outcome::done);
    CHECK(start(ListingEngine({http_answer("204 No Content", "")}).to, id).kind == Outcome::done);
    CHECK(start(ListingEngine({http_answer("404 Not Found", "")}).to, id).kind == Outcome::gone);
    const auto failed = start(
        ListingEngine({http_answer("400 Bad Request", R"({"message": "no such program"})")}).to,
        id);
    CHECK(failed.kind == Outcome::failed);
    CHECK(failed.why == "no such program");
}

TEST_CASE("of several containers with one name, the one that runs is meant, then the newest") {
    const auto one = [](char digit, const char* state, int created) {
        return R"({"Id": ")" + std::string(64, digit) + R"(", "State": ")" + state +
               R"(", "Created": )" + std::to_string(created) +
               R"(, "Labels": {"com.docker.compose.project": "mastodon",
                   "com.docker.compose.service": "web",
                   "com.docker.compose.container-number": "1"}})";
    };
    const auto found = [&](const std::string& answer) {
        ListingEngine engine({http_answer("200 OK", answer)});
        return find(engine.to, {"mastodon", "web", "1"})->id.front();
    };
    CHECK(found("[" + one('1', "exited", 1) + "," + one('2', "exited", 2) + "]") == '2');
    CHECK(found("[" + one('1', "running", 1) + "," + one('2', "exited", 2) + "]") == '1');
    ListingEngine other({http_answer("200 OK", "[" + one('1', "running", 1) + "]")});
    CHECK_FALSE(find(other.to, {"mastodon", "streaming", "1"}));
    // A list of another project's containers does not count.
    ListingEngine foreign({http_answer("200 OK", "[" + one('1', "running", 1) + "]")});
    CHECK(list(foreign.to, "other").empty());
}
