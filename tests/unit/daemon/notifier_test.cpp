// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/notifier.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <sstream>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/http_answers.hpp"
#include "support/offsite_servers.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;
using notify::NotifyEvent;
using notify::NotifyTarget;
using notify::NotifyType;

namespace {

/// The event loop of a daemon that only notifies.
class NotifyingDaemon {
 public:
    explicit NotifyingDaemon(const test::TemporaryDirectory& directory)
        : sink_(std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)),
          log_(std::make_shared<spdlog::logger>("x", sink_)),
          notifier(loop_, clock_, log_, directory.path()) {}
    ~NotifyingDaemon() { stop(); }

    /// Runs the loop until the condition holds, at most 10 s.
    bool until(const std::function<bool()>& condition) {
        if (!job_.running())
            job_ = async::Job<>(loop_.get_executor(), notifier.keep(), [](std::exception_ptr) {});
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            loop_.run_for(20ms);
        }
        return true;
    }
    /// Stops as the daemon does. Returns how long that took.
    std::chrono::nanoseconds stop() {
        const auto begin = std::chrono::steady_clock::now();
        notifier.stop();
        job_.cancel();
        loop_.restart();
        loop_.run();
        return std::chrono::steady_clock::now() - begin;
    }
    std::string log() const { return text_.str(); }

 private:
    SystemClock clock_;
    boost::asio::io_context loop_{1};
    std::ostringstream text_;
    std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink_;
    std::shared_ptr<spdlog::logger> log_;
    async::Job<> job_;

 public:
    Notifier notifier;
};

NotifyTarget ping(const std::string& name, std::uint16_t port) {
    const auto url = "http://127.0.0.1:" + std::to_string(port) + "/0b1c-secret";
    return {.name = name,
            .type = NotifyType::ping,
            .on = {NotifyEvent::failure, NotifyEvent::unhealthy},
            .url = http::Url::parse(url),
            .proxy = ""};
}

NotifyTarget program(const std::string& name, const std::filesystem::path& out) {
    NotifyTarget target{
        .name = name, .type = NotifyType::command, .on = {NotifyEvent::failure}, .url = {}};
    target.command = {"/bin/sh", "-c", "cat >> \"$0\"", out};
    return target;
}

notify::Message failure(const std::string& subject) {
    notify::Message message;
    message.event = NotifyEvent::failure;
    message.good = false;
    message.subject = subject;
    return message;
}

std::size_t queued(const test::TemporaryDirectory& directory) {
    return notify::Outbox::read(notify::outbox_file(directory.path())).letters().size();
}

}  // namespace

TEST_CASE("a target that hangs holds up no other, and its message survives the daemon") {
    const test::TemporaryDirectory directory;
    test::HttpAnswers hangs({test::http_silence, test::http_ok});
    {
        NotifyingDaemon daemon(directory);
        daemon.notifier.configure(
            {ping("hangs", hangs.port()), program("works", directory / "out")});
        daemon.notifier.send(failure("one"));
        CHECK(queued(directory) == 2);
        CHECK(daemon.until([&] { return queued(directory) == 1; }));
        CHECK(test::read(directory / "out") == "one\n");
        CHECK(daemon.stop() < 5s);
    }
    CHECK(queued(directory) == 1);
    NotifyingDaemon daemon(directory);
    daemon.notifier.configure({ping("hangs", hangs.port())});
    CHECK(daemon.until([&] { return queued(directory) == 0; }));
    CHECK(hangs.asked().back().find("status=down&msg=one") != std::string::npos);
}

TEST_CASE("a failure is logged once, without the URL, and the end of it, too") {
    const test::TemporaryDirectory directory;
    NotifyingDaemon daemon(directory);
    const auto port = test::free_port();
    daemon.notifier.configure({ping("a", port)});
    daemon.notifier.send(failure("one"));
    CHECK(daemon.until([&] { return !daemon.log().empty(); }));
    CHECK(daemon.log().find(
              "target=a cannot notify 'a' (ping): http://127.0.0.1:" + std::to_string(port) +
              ": Connection refused, will retry") != std::string::npos);
    CHECK(daemon.log().find("secret") == std::string::npos);
    CHECK(test::read(directory / "notifications.json").find("secret") == std::string::npos);
    CHECK(queued(directory) == 1);
    // A target that is removed from the configuration is not tried again.
    daemon.notifier.configure({});
    daemon.notifier.send(failure("two"));
    CHECK(daemon.notifier.last_test().done);
}

TEST_CASE("a change of health is queued once, and survives a restart") {
    const test::TemporaryDirectory directory;
    const auto port = test::free_port();
    History history;
    const Health unhealthy{Health::Verdict::failed, {"the last run failed"}, {"run"}};
    for (int start = 0; start < 2; ++start) {
        NotifyingDaemon daemon(directory);
        daemon.notifier.configure({ping("a", port)});
        daemon.notifier.update(unhealthy, history, {}, true);
        daemon.notifier.update(unhealthy, history, {}, true);
        CHECK(queued(directory) == 1);
    }
}

TEST_CASE("a test reports each target, and refuses unknown ones") {
    const test::TemporaryDirectory directory;
    NotifyingDaemon daemon(directory);
    CHECK_THROWS_AS(daemon.notifier.test(""), Error);
    test::HttpAnswers server({test::http_ok, test::http_ok});
    daemon.notifier.configure({ping("good", server.port()), ping("bad", test::free_port())});
    CHECK_THROWS_AS(daemon.notifier.test("other"), Error);
    const auto id = daemon.notifier.test("");
    CHECK_THROWS_AS(daemon.notifier.test(""), Error);
    CHECK(daemon.until([&] { return daemon.notifier.last_test().done; }));
    const auto& test = daemon.notifier.last_test();
    CHECK(test.id == id);
    REQUIRE(test.results.size() == 2);
    CHECK(test.results[0].ok());
    CHECK(test.results[0].sent == std::vector<std::string>{"failure", "unhealthy"});
    CHECK(test.results[1].sent.empty());
    CHECK(test.results[1].error.find("Connection refused") != std::string::npos);
    CHECK(queued(directory) == 0);
}
