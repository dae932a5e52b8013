// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <sys/mount.h>

#include <chrono>
#include <csignal>

#include "drill_fixture.hpp"
#include "drill_night.hpp"
#include "integration/postgres/fixture.hpp"
#include "support/catch.hpp"
#include "support/processes.hpp"

using namespace mastobak;
using namespace mastobak::test;
using postgres::Verdict;
namespace fs = std::filesystem;

namespace {

/// A set whose manifest lies about the database in several ways. Each lie fails another check.
struct LyingSet : DrillFixture {
    restore::DrillReport drill_with(const std::function<void(store::Manifest&)>& change) {
        publish(night, change);
        auto report = drill();
        CHECK_FALSE(report.proven());
        return report;
    }
};

}  // namespace

TEST_CASE_METHOD(LyingSet, "rows, tables and versions other than those of the backup are found") {
    sql("CREATE TABLE left_out AS SELECT generate_series(1, 7)");
    after_counts = [this] { sql("DELETE FROM accounts WHERE id = 100; DROP TABLE left_out"); };
    const auto report =
        drill_with([](auto& manifest) { manifest.database.schema_version = "20990101000000"; });
    const auto rows = check_of(report, "rows");
    CHECK(rows.problem_count == 2);
    CHECK(contains(problems_of(report), "table 'public.accounts' has 99 rows, not 100"));
    CHECK(contains(problems_of(report), "table 'public.left_out' is missing, with 7 rows"));
    CHECK(contains(check_of(report, "schema version").problems.at(0), "20990101000000"));
    CHECK(check_of(report, "media").verdict == Verdict::good);
}

TEST_CASE_METHOD(LyingSet, "a database with a broken unique index cannot be restored, and why") {
    sql("CREATE TABLE broken (id int PRIMARY KEY); INSERT INTO broken VALUES (7);"
        "UPDATE pg_index SET indisready = false WHERE indexrelid = 'broken_pkey'::regclass");
    sql("INSERT INTO broken VALUES (7)");
    sql("UPDATE pg_index SET indisready = true WHERE indexrelid = 'broken_pkey'::regclass");
    const auto report = drill_with({});
    const auto restore = check_of(report, "restore");
    REQUIRE(restore.verdict == Verdict::bad);
    CHECK(contains(restore.problems.at(0), "broken_pkey"));
    CHECK(check_of(report, "rows").name.empty());
    CHECK(check_of(report, "media").verdict == Verdict::good);
    CHECK_FALSE(report.full_restore);
}

TEST_CASE_METHOD(LyingSet, "files that the database names and the set does not have are found") {
    const auto path = [](int id) {
        return fmt::format("media_attachments/files/000/000/0{:02}/original/{}.mp3", id, id);
    };
    SECTION("and nobody knew of them") {
        fs::remove(media / path(3));
        write(media / path(4), "of another size");
        const auto report = drill_with({});
        const auto files = check_of(report, "files");
        CHECK(files.problem_count == 2);
        CHECK(contains(problems_of(report),
                       path(3) + "' of media_attachments 3 is not in the index"));
        CHECK(contains(problems_of(report), path(4) + "' of media_attachments 4 has 15 bytes"));
    }
    SECTION("as a column that the backup could read is another one") {
        sql("ALTER TABLE site_uploads RENAME file_file_name TO renamed");
        const auto report = drill_with({});
        CHECK(contains(problems_of(report), "'site_uploads' has no column of 'file'"));
    }
    SECTION("as the backup could not read a column either") {
        sql("ALTER TABLE site_uploads RENAME file_file_name TO renamed");
        publish(night, [](auto& manifest) {
            manifest.reconciliation.notes = {
                "'site_uploads' has no column of 'file' as it was expected"};
        });
        CHECK(drill().proven());
    }
    SECTION("but the backup knew of them") {
        fs::remove(media / path(3));
        fs::remove(media / path(9));
        missing_list =
            "missing\tmedia_attachments.file\t2\t-\t-\tmedia_attachments/files/000/000/002/"
            "original/2.mp3\n"
            "missing\tmedia_attachments.file\t3\t17\t-\t" +
            path(3) +
            "\n"
            "missing\tmedia_attachments.file\t9\t17\t-\t" +
            path(9) + "\n";
        publish(night);
        const auto report = drill();
        CHECK(report.proven());
        CHECK(check_of(report, "files").figure == "20 files, 2 known to be missing");
    }
}

TEST_CASE_METHOD(LyingSet, "secrets that are missing, spoiled, or of another instance are found") {
    SECTION("missing and spoiled") {
        auto text = std::string(good_secrets);
        const auto replace = [&](const std::string& from, const std::string& to) {
            REQUIRE(contains(text, from));
            text.replace(text.find(from), from.size(), to);
        };
        replace("ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY=", "NOT_THE_KEY=");
        replace("SECRET_KEY_BASE=6a1b", "SECRET_KEY_BASE=cut #");
        replace(
            "BDrkeowhtIkV9978T97JqjerYl_LasQe6g-UFHuckXzObkvCPcRcNJ1zY1U3kO2d1mH1FWV3EDsFb0CsMKB_"
            "fe8=",
            "BBhdwfOd7YJ1UfafydY7lijALmFS0rUfMzqnXfnAkWYk4PNQRFpqTIeNjrBpWPj3STap0Y2RlaBEqIte9Tl0zQ"
            "E=");
        write(env, text);
        const auto report = drill_with({});
        CHECK(check_of(report, "secrets").problem_count == 3);
        CHECK(contains(problems_of(report),
                       "'ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY' is missing"));
        CHECK(contains(problems_of(report), "'SECRET_KEY_BASE' has 3 characters"));
        CHECK(contains(problems_of(report), "does not belong to 'VAPID_PRIVATE_KEY'"));
        CHECK(check_of(report, "encryption").verdict == Verdict::good);
    }
    SECTION("of another instance") {
        auto text = std::string(good_secrets);
        const std::string key = "3yLkZ0zVv7Qm1TtWc8Ns5RbXh2Jd9PfK";
        text.replace(text.find(key), key.size(), "4yLkZ0zVv7Qm1TtWc8Ns5RbXh2Jd9PfK");
        // Values that are too large for Mastodon are not read.
        sql("INSERT INTO users (email, otp_secret, account_id, created_at, updated_at) SELECT "
            "'b@example.org', replace(otp_secret, '\"p\":\"', '\"p\":\"' || repeat('AAAA', "
            "20000)), "
            "2, now(), now() FROM users");
        write(env, text);
        const auto report = drill_with({});
        CHECK(check_of(report, "secrets").verdict == Verdict::good);
        CHECK(contains(check_of(report, "encryption").problems.at(0),
                       "1 value of 'users.otp_secret' cannot be decrypted"));
    }
    SECTION("elsewhere, as the configuration says") {
        write(env, "LOCAL_DOMAIN=mastodon.example\n");
        options.allow_missing_secrets = true;
        publish(night);
        const auto report = drill();
        CHECK(report.proven());
        CHECK(check_of(report, "secrets").verdict == Verdict::skipped);
        CHECK(check_of(report, "encryption").verdict == Verdict::skipped);
    }
    SECTION("elsewhere, but for one that is spoiled") {
        write(env, "LOCAL_DOMAIN=mastodon.example\nSECRET_KEY_BASE=cut\n");
        options.allow_missing_secrets = true;
        const auto report = drill_with({});
        CHECK(check_of(report, "secrets").problem_count == 1);
        CHECK(contains(problems_of(report), "'SECRET_KEY_BASE' has 3 characters"));
    }
}

TEST_CASE_METHOD(DrillFixture, "a drill that cannot be made is an error with a hint") {
    SECTION("no PostgreSQL of that version") {
        publish(night, [](auto& manifest) { manifest.database.server_version = "99.1"; });
        const auto error = drill_fails();
        CHECK(error.code() == Errc::environment);
        CHECK(contains(error.hint(), "postgresql-99"));
    }
    SECTION("no room") {
        publish(night, [](auto& manifest) { manifest.database.size = Bytes{1ULL << 60}; });
        const auto error = drill_fails();
        CHECK(error.code() == Errc::environment);
        CHECK(contains(error.text(), "a drill needs"));
    }
    SECTION("not as much as is to be left free") {
        publish(night);
        options.min_free = Bytes{std::uint64_t{1} << 60};
        const auto error = drill_fails();
        CHECK(error.code() == Errc::environment);
        CHECK(contains(error.text(), "a drill needs"));
    }
    SECTION("the server is killed while it takes the dump") {
        publish(night);
        const auto error = error_of([&] {
            drill({}, [&](const restore::DrillProgress& now) {
                if (!now.detail.starts_with("TABLE")) return;
                for (const auto pid : processes_with(options.scratch / "postgres-"))
                    ::kill(pid, SIGKILL);
            });
        });
        INFO(error.what());
        CHECK(error.code() == Errc::environment);
    }
    SECTION("the disk fills up while it takes the dump") {
        sql("CREATE TABLE large (id int PRIMARY KEY, text text);"
            "INSERT INTO large SELECT n, md5(n::text) || md5((2 * n)::text) "
            "FROM generate_series(1, 400000) n");
        publish(night, [](auto& manifest) {  // the size of the database is not known
            manifest.database.size = {};
        });
        const auto disk = directory / "disk";
        fs::create_directory(disk);
        fs::permissions(directory.path(), fs::perms(0711));
        REQUIRE(::mount("disk", disk.c_str(), "tmpfs", 0, "size=110m,mode=0711") == 0);
        options.scratch = disk / "d";
        const auto error = drill_fails();
        INFO(error.what());
        CHECK(error.code() == Errc::environment);
        CHECK((contains(error.text(), "No space left") || contains(error.hint(), "was full")));
        CHECK(::umount(disk.c_str()) == 0);
    }
    SECTION("no set") {
        CHECK(drill_fails().code() == Errc::usage);
    }
}

TEST_CASE_METHOD(DrillFixture, "a drill that is cancelled ends at once and leaves nothing") {
    publish(night);
    // The drill is cancelled at each of its steps.
    for (const std::string step : {"fetch", "restore", "loading", "check", "media"}) {
        CAPTURE(step);
        std::stop_source stop;
        std::chrono::steady_clock::time_point asked;
        const auto error = error_of([&] {
            drill(stop.get_token(), [&](const restore::DrillProgress& now) {
                const bool there = step == "loading"
                                       ? now.step == "restore" && now.detail.starts_with("TABLE")
                                       : now.step == step;
                if (!there || stop.stop_requested()) return;
                asked = std::chrono::steady_clock::now();
                stop.request_stop();
            });
        });
        CHECK(error.code() == Errc::cancelled);
        CHECK(std::chrono::steady_clock::now() - asked < std::chrono::seconds(5));
        CHECK(processes_with(options.scratch).empty());
    }
}
