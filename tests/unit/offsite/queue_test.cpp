// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/queue.hpp"

#include <sys/stat.h>

#include "core/error.hpp"
#include "offsite/worker.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using mastobak::offsite::Backoff;
using mastobak::offsite::Job;
using mastobak::offsite::Queue;

namespace {

Job job(const std::string& set, const std::string& remote) {
    Job job;
    job.set = set;
    job.remote = remote;
    job.queued_at = *parse_iso8601("2026-11-22T03:05:00.5Z");
    return job;
}

}  // namespace

TEST_CASE("jobs survive, oldest set first, and are gone once they are removed") {
    const TemporaryDirectory directory;
    auto failed = job("20261122T030000Z", "b2");
    failed.attempts = 3;
    failed.next_attempt = *parse_iso8601("2026-11-22T04:00:00Z");
    failed.failed_at = *parse_iso8601("2026-11-22T03:30:00Z");
    failed.last_error = "no \"route\" to \xff host";
    Queue(directory / "queue").add(failed);
    Queue(directory / "queue").add(job("20261121T030000Z", "a.disk"));

    Queue queue(directory / "queue");
    const auto jobs = queue.list();
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0].set == "20261121T030000Z");
    CHECK(jobs[0].remote == "a.disk");
    CHECK_FALSE(jobs[0].next_attempt);
    CHECK(jobs[1].remote == "b2");
    CHECK(jobs[1].queued_at == failed.queued_at);
    CHECK(jobs[1].attempts == 3);
    CHECK(jobs[1].next_attempt == failed.next_attempt);
    CHECK(jobs[1].failed_at == failed.failed_at);
    CHECK(jobs[1].last_error.starts_with("no \"route\" to "));
    CHECK(queue.problems().empty());

    queue.remove(jobs[0]);
    queue.remove(jobs[0]);
    CHECK(Queue(directory / "queue").list().size() == 1);
}

TEST_CASE("a job that is added again replaces the first") {
    const TemporaryDirectory directory;
    Queue queue(directory / "queue");
    auto again = job("20261122T030000Z", "b2");
    queue.add(again);
    again.attempts = 7;
    queue.add(again);
    REQUIRE(queue.list().size() == 1);
    CHECK(queue.list()[0].attempts == 7);
}

TEST_CASE("a damaged job is reported and still done") {
    const TemporaryDirectory directory;
    const auto damage = GENERATE("", "{", "[]", "null", R"({"queued_at": 5, "attempts": 1})",
                                 R"({"queued_at": "never", "attempts": 1})", "\xff\xfe");
    write(directory / "20261122T030000Z@b2.json", damage);
    const Queue queue(directory.path());
    const auto jobs = queue.list();
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].set == "20261122T030000Z");
    CHECK(jobs[0].remote == "b2");
    CHECK(jobs[0].queued_at == parse_set_name("20261122T030000Z"));
    REQUIRE(queue.problems().size() == 1);
    CHECK(queue.problems()[0].find("20261122T030000Z@b2.json") != std::string::npos);
}

TEST_CASE("files that are not jobs are reported and stay; what a power cut left is removed") {
    const TemporaryDirectory directory;
    for (const auto* name : {"notes.txt", "x@b2.json", "20261122T030000Z@.json"})
        write(directory / name, "x");
    write(directory / "20261122T030000Z@b2.json.tmp", "{");
    const Queue queue(directory.path());
    CHECK(queue.list().empty());
    CHECK(queue.problems().size() == 3);
    CHECK(exists(directory / "notes.txt"));
}

TEST_CASE("a name that would leave the queue's directory is not a job") {
    const TemporaryDirectory directory;
    Queue queue(directory / "queue");
    CHECK_THROWS_AS(queue.add(job("../20261122T030000Z", "b2")), Error);
    CHECK_THROWS_AS(queue.add(job("20261122T030000Z", "")), Error);
}

TEST_CASE("a queue that does not exist yet is empty") {
    const TemporaryDirectory directory;
    CHECK(Queue(directory / "queue").list().empty());
    CHECK(Queue(directory / "queue").problems().empty());
}

TEST_CASE("the back-off doubles up to its limit and stays there") {
    const Backoff backoff{std::chrono::seconds(30), std::chrono::seconds(3600), 2};
    CHECK(backoff.after(1) == std::chrono::seconds(30));
    CHECK(backoff.after(2) == std::chrono::seconds(60));
    CHECK(backoff.after(7) == std::chrono::seconds(1920));
    CHECK(backoff.after(8) == std::chrono::seconds(3600));
    CHECK(backoff.after(100'000) == std::chrono::seconds(3600));
}
