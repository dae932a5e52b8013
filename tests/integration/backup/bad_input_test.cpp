// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/files/files.hpp"
#include "night.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::Night;
namespace fs = std::filesystem;

namespace {

/// Checks the state after a failure: Mastodon runs, there is no set, and nothing is left over.
void check_untouched(Night& night, const Error& error, Errc code) {
    CAPTURE(error.what());
    CHECK(error.code() == code);
    CHECK_FALSE(error.hint().empty());
    CHECK(night.mastodon_runs());
    CHECK(night.sets().empty());
    CHECK(night.leftovers().empty());
}

/// A file system with little space for staging.
class SmallDisk {
 public:
    SmallDisk(fs::path where, const char* options) : where_(std::move(where)) {
        fs::create_directories(where_);
        REQUIRE(::mount("small", where_.c_str(), "tmpfs", 0, options) == 0);
    }
    ~SmallDisk() { ::umount2(where_.c_str(), MNT_DETACH); }

 private:
    fs::path where_;
};

void replace_pg_dump(Night& night, const std::string& script) {
    const auto bin = night.directory / "bin";
    const auto& real = test::PostgresServer::shared().bin();
    fs::create_directories(bin);
    fs::create_symlink(real / "pg_restore", bin / "pg_restore");
    test::write(bin / "pg_dump", "#!/bin/sh\ncase $1 in --version) exec " + real.native() +
                                     "/pg_dump --version;; esac\n" + script);
    ::chmod((bin / "pg_dump").c_str(), 0755);
    night.config.database.bin_directory = bin;
}

}  // namespace

TEST_CASE("a missing secret is named") {
    Night night;
    const auto file = night.directory / "live/.env.production";
    auto text = test::read(file);
    SECTION("that is not there") {
        text.replace(text.find("VAPID_PRIVATE_KEY"), 5, "OTHER");
        test::write(file, text);
        const auto error = night.fails();
        check_untouched(night, error, Errc::config);
        CHECK(error.text().find("VAPID_PRIVATE_KEY") != std::string::npos);
    }
    SECTION("that comes from a command, with its line") {
        test::write(file, text + "SECRET_KEY_BASE=$(cat /run/secret)\n");
        const auto error = night.fails();
        check_untouched(night, error, Errc::config);
        CHECK(error.text().find(": 'SECRET_KEY_BASE' comes from a command") != std::string::npos);
    }
    SECTION("that is not what it has to be") {
        test::write(file, text + "SECRET_KEY_BASE=cut\n");
        const auto error = night.fails();
        check_untouched(night, error, Errc::config);
        CHECK(error.text().find("'SECRET_KEY_BASE' has 3 characters") != std::string::npos);
    }
}

TEST_CASE("OTP_SECRET is missed only where the database has values of it") {
    Night night;
    const auto file = night.directory / "live/.env.production";
    auto text = test::read(file);
    text.replace(text.find("OTP_SECRET"), 10, "NOT_SECRET");
    test::write(file, text);
    SECTION("none, as in an instance of today") {
        night.run();
        CHECK(night.sets().size() == 1);
    }
    SECTION("one") {
        night.sql("ALTER TABLE users ADD encrypted_otp_secret varchar");
        night.sql(
            "INSERT INTO users (email, encrypted_otp_secret, account_id, created_at, "
            "updated_at) VALUES ('otp@example.org', 'x', 1, now(), now())");
        const auto error = night.fails();
        check_untouched(night, error, Errc::config);
        CHECK(error.text().find("lacks OTP_SECRET") != std::string::npos);
    }
}

TEST_CASE("a FIFO in the place of a dotenv file is refused at once") {
    Night night;
    const auto file = night.directory / "live/.env.local";
    REQUIRE(::mkfifo(file.c_str(), 0666) == 0);
    const auto error = night.fails();
    check_untouched(night, error, Errc::environment);
    CHECK(error.text().find(".env.local' is a FIFO, not a regular file") != std::string::npos);
}

TEST_CASE("an empty or absent media directory is an error and not an empty backup") {
    Night night;
    fs::remove_all(night.directory / "live/public/system");
    SECTION("absent") {}
    SECTION("empty") {
        fs::create_directories(night.directory / "live/public/system");
    }
    check_untouched(night, night.fails(), Errc::media);
}

TEST_CASE("media in an object store is an error unless it is said to be handled elsewhere") {
    Night night;
    const auto file = night.directory / "live/.env.production";
    test::write(file, test::read(file) + "S3_ENABLED=true\n");
    const auto error = night.fails();
    check_untouched(night, error, Errc::media);
    CHECK(error.text().find("S3_ENABLED") != std::string::npos);
    night.config.media.elsewhere = true;
    CHECK(night.run().manifest.media.elsewhere);
}

TEST_CASE("a database that refuses is told with where it was tried") {
    Night night;
    night.config.database.port = 1;
    const auto error = night.fails();
    check_untouched(night, error, Errc::database);
    CHECK(error.text().find("mastodon_night") != std::string::npos);
}

TEST_CASE("no unit of Mastodon is an error, but not for live") {
    Night night;
    night.config.mastodon.units = {"nothing*.service"};
    check_untouched(night, night.fails(), Errc::units);
    night.config.consistency.mode = config::ConsistencyMode::live;
    night.run();
    CHECK(night.sets().size() == 1);
}

TEST_CASE("a path of files.extra that is not there is named") {
    Night night;
    night.config.files.extra = {"/no/such/file"};
    const auto error = night.fails();
    check_untouched(night, error, Errc::environment);
    CHECK(error.text().find("/no/such/file") != std::string::npos);
}

TEST_CASE("a pg_dump that fails, says nothing, or leaves rows out is an error") {
    Night night;
    SECTION("exit status 1") {
        replace_pg_dump(night, "echo 'out of luck' >&2; exit 1\n");
    }
    SECTION("nothing") {
        replace_pg_dump(night, "exit 0\n");
    }
    SECTION("half of it, with exit status 0") {
        const auto real = test::PostgresServer::shared().bin() / "pg_dump";
        replace_pg_dump(night, real.native() + " \"$@\" | head -c 40000\nexit 0\n");
    }
    SECTION("a table left out") {
        const auto real = test::PostgresServer::shared().bin() / "pg_dump";
        replace_pg_dump(night,
                        "exec " + real.native() + " --exclude-table-data=public.accounts \"$@\"\n");
    }
    const auto error = night.fails();
    CAPTURE(error.what());
    CHECK((error.code() == Errc::database || error.code() == Errc::corrupt));
    CHECK_FALSE(error.hint().empty());
    CHECK(night.mastodon_runs());
    CHECK(night.sets().empty());
    CHECK(night.leftovers().empty());
}

TEST_CASE("a staging directory that is too small is noticed before anything is stopped") {
    Night night;
    night.config.staging.min_free = Bytes{std::uint64_t{1} << 60};
    const auto error = night.fails();
    check_untouched(night, error, Errc::staging);
    CHECK(night.observer.steps == std::vector<std::string>{"preflight"});
}

TEST_CASE("a disk that fills up in the middle is survived") {
    Night night;
    const SmallDisk disk(night.config.staging.path, "size=1m");
    night.add_media("media_attachments/files/3/original/large.mp4", std::string(3 << 20, 'x'));
    night.sql("SELECT 1");
    night.config.media.path = night.directory / "live/public/system";
    const auto error = night.fails();
    CAPTURE(error.what());
    CHECK(error.code() == Errc::staging);
    CHECK_FALSE(error.hint().empty());
    CHECK(night.mastodon_runs());
    CHECK(night.sets().empty());
    CHECK(night.leftovers().empty());
}

TEST_CASE("a second run at the same time is refused") {
    Night night;
    const store::Staging staging(night.config.staging.path);
    staging.prepare();
    const auto held = store::lock(staging);
    const auto error = night.fails();
    CHECK(error.code() == Errc::busy);
}
