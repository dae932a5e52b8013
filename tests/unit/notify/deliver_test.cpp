// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to each kind of target: real servers of HTTP, a real msmtp, real programs.
#include "notify/deliver.hpp"

#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/http_answers.hpp"
#include "support/offsite_servers.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::notify;
using namespace std::chrono_literals;

namespace {

Message message_of(NotifyEvent event, bool good = true) {
    Message message;
    message.event = event;
    message.at = *parse_iso8601("2026-11-22T03:00:00Z");
    message.host = "social.example";
    message.good = good;
    message.subject = "mastobak on social.example: it is über";
    message.body = "one\ntwo\n";
    message.log = "run=20261122T030000Z started\n";
    message.run = "20261122T030000Z";
    message.facts = {{"ERROR", "no server\x1b[2J"}};
    return message;
}

std::string url(const test::HttpAnswers& server) {
    return "http://127.0.0.1:" + std::to_string(server.port()) + "/ping/0b1c-secret";
}

NotifyTarget http_target(NotifyType type, const std::string& url) {
    return {.name = "t", .type = type, .on = {}, .url = http::Url::parse(url), .proxy = ""};
}

/// Returns the text of the error; empty when there is none. It must not have the URL.
std::string failure_of(const NotifyTarget& target, const Message& message) {
    try {
        deliver(target, message);
        return {};
    } catch (const Error& error) {
        const std::string text = error.what();
        CHECK(text.find("secret") == std::string::npos);
        return text;
    }
}

void make_program(const std::filesystem::path& path, const std::string& script) {
    write_file(path, "#!/bin/sh\n" + script, 0755);
}

}  // namespace

TEST_CASE("healthchecks gets the start, the end and the exit status, tied by rid") {
    test::HttpAnswers server(std::vector<std::string>(5, test::http_ok));
    auto target = http_target(NotifyType::healthchecks, url(server));
    deliver(target, message_of(NotifyEvent::start));
    target.log = true;
    deliver(target, message_of(NotifyEvent::success));
    auto failed = message_of(NotifyEvent::failure, false);
    failed.exit_status = 15;
    deliver(target, failed);
    auto unhealthy = message_of(NotifyEvent::unhealthy, false);
    unhealthy.run.clear();
    deliver(target, unhealthy);
    auto other = message_of(NotifyEvent::start);
    other.run = "20261123T030000Z";
    deliver(target, other);
    const auto requests = server.requests();
    const auto rid = requests[0].substr(requests[0].find("rid=") + 4, 36);
    CHECK(requests[0].starts_with("POST /ping/0b1c-secret/start?rid=" + rid + " HTTP/1.1\r\n"));
    CHECK(rid.find_first_not_of("0123456789abcdef-") == std::string::npos);
    CHECK(rid.at(14) == '8');
    CHECK(requests[0].ends_with("über\n\none\ntwo\n"));
    CHECK(requests[1].starts_with("POST /ping/0b1c-secret?rid=" + rid + " HTTP/1.1\r\n"));
    CHECK(requests[1].ends_with("two\n\nrun=20261122T030000Z started\n"));
    CHECK(requests[2].starts_with("POST /ping/0b1c-secret/15?rid=" + rid + " HTTP/1.1\r\n"));
    CHECK(requests[3].starts_with("POST /ping/0b1c-secret/fail HTTP/1.1\r\n"));
    CHECK(requests[4].find(rid) == std::string::npos);
}

TEST_CASE("ping has the status, the text and the duration in the query") {
    test::HttpAnswers server({test::http_ok, test::http_ok});
    auto target = http_target(NotifyType::ping, url(server) + "?status=up&msg=OK&ping=");
    auto message = message_of(NotifyEvent::success);
    message.took = 1500ms;
    deliver(target, message);
    deliver(target, message_of(NotifyEvent::failure, false));
    const auto asked = server.asked();
    CHECK(asked[0] ==
          "GET /ping/0b1c-secret?status=up&"
          "msg=mastobak%20on%20social.example%3a%20it%20is%20%c3%bcber&ping=1500 HTTP/1.1");
    CHECK(asked[1].find("?status=down&msg=") != std::string::npos);
}

TEST_CASE("what a server does wrong is an error without the URL") {
    const auto message = message_of(NotifyEvent::success);
    test::HttpAnswers server(
        {test::http_unavailable,
         "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: http://other.example/secret\r\n\r\n",
         "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nOK (not found)",
         "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nOK (/ping/x-secret)"});
    const auto target = http_target(NotifyType::healthchecks, url(server));
    const auto origin = target.url->origin();
    CHECK(failure_of(target, message) ==
          "cannot notify 't' (healthchecks): " + origin + " answers with status 503");
    CHECK(failure_of(target, message).find("redirects to a different URL (status 301)") !=
          std::string::npos);
    CHECK(failure_of(target, message).find("status 404; hint: is the URL complete?") !=
          std::string::npos);
    CHECK(failure_of(target, message).find("does not accept it: not found") != std::string::npos);
    // A server may repeat the URL.
    CHECK(failure_of(target, message) == "cannot notify 't' (healthchecks): " + origin +
                                             " does not accept it; hint: is the URL complete?");
    CHECK(failure_of(target, message).ends_with(origin + ": Connection refused"));
}

TEST_CASE("a URL is read from its file, and neither is shown") {
    const test::TemporaryDirectory directory;
    test::HttpAnswers server({test::http_ok});
    write_file(directory / "url", "\n " + url(server) + " \n");
    NotifyTarget target{
        .name = "t", .type = NotifyType::ping, .on = {}, .url = {}, .url_file = directory / "url"};
    target.proxy = "";
    check(target);
    deliver(target, message_of(NotifyEvent::success));
    CHECK(server.asked().front().starts_with("GET /ping/0b1c-secret?"));
    for (const auto* wrong : {"", "secret", "https://a/secret\nhttps://b/secret"}) {
        write_file(directory / "url", wrong);
        CHECK(failure_of(target, message_of(NotifyEvent::success)).find("does not contain a URL") !=
              std::string::npos);
        CHECK_THROWS_AS(check(target), Error);
    }
    target.url_file = directory / "none";
    CHECK_THROWS_AS(check(target), Error);
}

TEST_CASE("a command gets the text on standard input, and facts in its environment") {
    const test::TemporaryDirectory directory;
    make_program(directory / "tell", "cat > $1; env | grep MASTOBAK_ | sort >> $1\n");
    NotifyTarget target{
        .name = "t", .type = NotifyType::command, .on = {}, .url = {}, .url_file = {}};
    target.command = {directory / "tell", directory / "out"};
    auto message = message_of(NotifyEvent::failure, false);
    message.exit_status = 15;
    deliver(target, message);
    CHECK(test::read(directory / "out") ==
          "mastobak on social.example: it is über\n\none\ntwo\n"
          "MASTOBAK_ERROR=no server\\x1b[2J\n"
          "MASTOBAK_EVENT=failure\n"
          "MASTOBAK_EXIT_STATUS=15\n"
          "MASTOBAK_HOST=social.example\n"
          "MASTOBAK_RESULT=failure\n"
          "MASTOBAK_RUN=20261122T030000Z\n"
          "MASTOBAK_SUBJECT=mastobak on social.example: it is über\n"
          "MASTOBAK_TARGET=t\n");

    make_program(directory / "fail", "echo \"no service at $1\" >&2; exit 3\n");
    target.command = {directory / "fail", "mailto://user:secret@example.org"};
    CHECK(failure_of(target, message) == "cannot notify 't' (command): '" +
                                             (directory / "fail").native() +
                                             "' failed: exit status 3: no service at ...");
    check(target);
    target.command = {directory / "none"};
    CHECK_THROWS_AS(check(target), Error);
    CHECK(failure_of(target, message) != "");
}

TEST_CASE("a program that does not end is stopped with the daemon") {
    NotifyTarget target{
        .name = "t", .type = NotifyType::command, .on = {}, .url = {}, .url_file = {}};
    target.command = {"/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"};
    std::stop_source stop;
    const std::jthread soon([&] {
        std::this_thread::sleep_for(50ms);
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(deliver(target, message_of(NotifyEvent::success), stop.get_token()), Error);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a mail has its headers, and no text can add one") {
    NotifyTarget target{.name = "t", .type = NotifyType::mail, .on = {}, .url = {}, .url_file = {}};
    target.to = "admin@example.org";
    target.from = "mastobak@example.org";
    auto message = message_of(NotifyEvent::failure, false);
    CHECK(mail_of(target, message) ==
          "From: mastobak@example.org\n"
          "To: admin@example.org\n"
          "Subject: =?UTF-8?B?bWFzdG9iYWsgb24gc29jaWFsLmV4YW1wbGU6IGl0IGlzIMO8YmVy?=\n"
          "Date: Sun, 22 Nov 2026 03:00:00 +0000\n"
          "Message-ID: <mastobak.1795316400000000000.failure.t@social.example>\n"
          "Auto-Submitted: auto-generated\n"
          "MIME-Version: 1.0\n"
          "Content-Type: text/plain; charset=utf-8\n"
          "Content-Transfer-Encoding: base64\n"
          "\n"
          "bWFzdG9iYWsgb24gc29jaWFsLmV4YW1wbGU6IGl0IGlzIMO8YmVyCgpvbmUKdHdvCg==\n");
    message.subject = "x\nBcc: evil@example.org\r\n\r\nbody";
    message.host = "a b\nBcc: evil@example.org";
    message.body = "\n.\nBcc: evil@example.org";
    target.to = "admin@example.org\nBcc: evil@example.org";
    const auto mail = mail_of(target, message);
    const auto headers = mail.substr(0, mail.find("\n\n"));
    CHECK(headers.find("\nBcc") == std::string::npos);
    for (std::size_t at = 0; at < mail.size();) {
        const auto end = mail.find('\n', at);
        CHECK(end - at <= 120);
        at = end + 1;
    }
}

TEST_CASE("a real sendmail delivers the mail to a real SMTP server") {
    const test::TemporaryDirectory directory;
    const auto port = test::free_port();
    write_file(directory / "sink.py", R"(
import asyncio, sys
from aiosmtpd.controller import UnthreadedController
class Sink:
    async def handle_DATA(self, server, session, envelope):
        with open(sys.argv[2] + ".new", "wb") as file:
            file.write(("for " + ",".join(envelope.rcpt_tos) + "\n").encode() + envelope.content)
        import os; os.rename(sys.argv[2] + ".new", sys.argv[2])
        return "250 OK"
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
UnthreadedController(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]), loop=loop).begin()
loop.run_forever()
)");
    const test::Server sink(
        {"/usr/bin/python3", directory / "sink.py", std::to_string(port), directory / "mail"},
        port);
    NotifyTarget target{.name = "t", .type = NotifyType::mail, .on = {}, .url = {}, .url_file = {}};
    target.to = "admin@example.org, second@example.org";
    target.sendmail = {"/usr/bin/msmtp",
                       "-t",
                       "-oi",
                       "--host=127.0.0.1",
                       "--port=" + std::to_string(port),
                       "--from=mastobak@example.org"};
    check(target);
    deliver(target, message_of(NotifyEvent::failure, false));
    const auto script =
        "import email, email.policy, sys\n"
        "text = open(sys.argv[1], 'rb').read().split(b'\\n', 1)\n"
        "mail = email.message_from_bytes(text[1], policy=email.policy.default)\n"
        "print(text[0].decode(), mail['Subject'], mail['To'], mail['Auto-Submitted'], "
        "repr(mail.get_content()), sep='|')\n";
    const auto read = run({.argv = {"/usr/bin/python3", "-c", script, directory / "mail"},
                           .environment = {{"PYTHONIOENCODING", "utf-8"}}});
    INFO(read.error_tail);
    CHECK(read.output ==
          "for admin@example.org,second@example.org|mastobak on social.example: it is über|"
          "admin@example.org, second@example.org|auto-generated|"
          "'mastobak on social.example: it is über\\n\\none\\ntwo\\n'\n");

    target.sendmail.back() = "--from=mastobak@example.org";
    target.sendmail[4] = "--port=" + std::to_string(test::free_port());
    CHECK(failure_of(target, message_of(NotifyEvent::failure, false))
              .find("'/usr/bin/msmtp' failed: exit status") != std::string::npos);
}
