// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to servers that answer, refuse, hang, redirect and deceive.
#include "http/request.hpp"

#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <thread>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/http_answers.hpp"
#include "support/offsite_servers.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace std::chrono_literals;

namespace {

http::Url url_of(std::uint16_t port, const std::string& rest = "/ping/0b1c-secret") {
    return *http::Url::parse("http://127.0.0.1:" + std::to_string(port) + rest);
}

/// Returns the text of the error; empty when there is none. It must not have the URL.
std::string failure_of(const http::Request& request) {
    try {
        http::ask(request);
        return {};
    } catch (const Error& error) {
        const std::string text = error.what();
        CHECK(text.find("secret") == std::string::npos);
        return text;
    }
}

}  // namespace

TEST_CASE("a body is posted, and the answer has a status and a text") {
    test::HttpAnswers server({test::http_ok, test::http_unavailable});
    const auto answer = http::ask({.url = url_of(server.port()), .body = "hällo", .proxy = ""});
    CHECK(answer.ok());
    CHECK(answer.body == "OK");
    CHECK(http::ask({.url = url_of(server.port()), .proxy = ""}).status == 503);
    const auto requests = server.requests();
    CHECK(requests[0].starts_with("POST /ping/0b1c-secret HTTP/1.1\r\n"));
    CHECK(requests[0].ends_with("\r\n\r\nhällo"));
    CHECK(requests[0].find("Content-Type: text/plain; charset=utf-8") != std::string::npos);
    CHECK(requests[1].starts_with("GET /ping/0b1c-secret HTTP/1.1\r\n"));
}

TEST_CASE("a redirect is an answer, and is not followed") {
    test::HttpAnswers elsewhere({test::http_ok});
    test::HttpAnswers server(
        {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:" +
         std::to_string(elsewhere.port()) + "/\r\n\r\n"});
    const auto answer = http::ask({.url = url_of(server.port()), .body = "text", .proxy = ""});
    CHECK(answer.status == 302);
    CHECK_FALSE(answer.ok());
    CHECK(http::ask({.url = url_of(elsewhere.port()), .proxy = ""}).ok());
    CHECK(elsewhere.asked().size() == 1);
}

TEST_CASE("a server that refuses, hangs, or answers without end is given up") {
    CHECK(failure_of({.url = url_of(test::free_port()), .proxy = ""}) == "Connection refused");
    test::HttpAnswers silent({test::http_silence});
    CHECK(failure_of({.url = url_of(silent.port()), .timeout = 200ms, .proxy = ""}) ==
          "it does not answer");
    test::HttpAnswers endless({"HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'),
                               "HTTP/1.1 200 OK\r\nX: " + std::string(90'000, 'x') + "\r\n\r\n"});
    CHECK(http::ask({.url = url_of(endless.port()), .proxy = ""}).body.size() == 4096);
    CHECK(failure_of({.url = url_of(endless.port()), .proxy = ""}) != "");
    test::HttpAnswers other({"SSH-2.0-OpenSSH_9.2\r\n"});
    CHECK(failure_of({.url = url_of(other.port()), .proxy = ""}) != "");
    CHECK(failure_of({.url = *http::Url::parse("http://no.such.host.invalid/secret"),
                      .proxy = ""}) == "the name of its host cannot be resolved");
}

TEST_CASE("a stop request ends a request at once") {
    test::HttpAnswers silent({test::http_silence});
    std::stop_source stop;
    const std::jthread soon([&] {
        std::this_thread::sleep_for(50ms);
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    try {
        http::ask({.url = url_of(silent.port()), .proxy = ""}, stop.get_token());
        FAIL("it has not been cancelled");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::cancelled);
    }
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("an answer of any size is passed on in blocks") {
    const std::string large(3'000'000, 'x');
    const auto ok = [](const std::string& body) { return "HTTP/1.1 200 OK\r\n\r\n" + body; };
    const test::TemporaryDirectory directory;
    const auto socket = directory / "sock";
    const http::LocalRequest request{
        .socket = socket, .target = "/x", .body = "{}", .timeout = 500ms, .largest_answer = {100}};
    std::size_t size = 0;
    const auto count = [&size](std::span<const std::byte> block) { size += block.size(); };
    SECTION("to its end") {
        test::HttpAnswers server({ok(large)}, socket);
        CHECK(http::stream_local(request, count)->status == 200);
        CHECK(size == large.size());
    }
    SECTION("unless it is an error, which is kept") {
        test::HttpAnswers server(
            {"HTTP/1.1 404 Not Found\r\n\r\nno", "HTTP/1.1 500 Oh\r\n\r\n" + large}, socket);
        const auto answer = http::stream_local(request, count);
        CHECK(answer->status == 404);
        CHECK(answer->body == "no");
        CHECK_THROWS_AS(http::stream_local(request, count), Error);
        CHECK(size == 0);
    }
    SECTION("until the server is silent") {
        test::HttpAnswers server({test::http_silence}, socket);
        CHECK_FALSE(http::stream_local(request, count));
    }
    SECTION("until it is not wanted any more") {
        test::HttpAnswers server({ok(large)}, socket);
        const auto full = [](auto) { throw std::runtime_error("full"); };
        CHECK_THROWS_WITH(http::stream_local(request, full), "full");
    }
}

TEST_CASE("a certificate that this host does not trust is refused") {
    const test::TemporaryDirectory directory;
    const auto made = test::certificates_for_localhost();
    write_file(directory / "crt", made.certificate);
    write_file(directory / "key", made.key);
    const auto port = test::free_port();
    const test::Server server(
        {"openssl", "s_server", "-quiet", "-www", "-accept", "127.0.0.1:" + std::to_string(port),
         "-cert", directory / "crt", "-key", directory / "key"},
        port);
    const auto url = *http::Url::parse("https://localhost:" + std::to_string(port) + "/secret");
    CHECK(failure_of({.url = url, .proxy = ""}).starts_with("its TLS certificate is not valid"));
}

TEST_CASE("the proxy is that of the request, or else of the environment") {
    const auto url = *http::Url::parse("http://hc.example/secret");
    test::HttpAnswers proxy({test::http_ok, test::http_ok});
    const auto address = "http://127.0.0.1:" + std::to_string(proxy.port());
    CHECK(http::ask({.url = url, .proxy = address}).ok());
    ::setenv("http_proxy", address.c_str(), 1);
    CHECK(http::ask({.url = url}).ok());
    ::unsetenv("http_proxy");
    CHECK(proxy.asked() == std::vector<std::string>(2, "GET http://hc.example/secret HTTP/1.1"));
}
