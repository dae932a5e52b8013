// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/instance.hpp"

#include "core/error.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/unit_facts.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using mastodon::Environment;
using mastodon::find_instance;
using test::TemporaryDirectory;

TEST_CASE("the instance is where its web unit works") {
    const TemporaryDirectory live;
    test::write(live / ".env.production", "LOCAL_DOMAIN=example.org\n");
    const auto instance =
        find_instance({}, {}, {.working_directory = live.path(), .user = "masto"});
    CHECK(instance.directory == live.path());
    CHECK(instance.env_file == live / ".env.production");
    CHECK(instance.environment.at("LOCAL_DOMAIN") == "example.org");
    CHECK(instance.user == "masto");
}

TEST_CASE("dotenv files override each other as Rails reads them, the unit's environment all") {
    const TemporaryDirectory live;
    test::write(live / ".env", "A=.env\nB=.env\nC=.env\nD=.env\nE=.env\nF=.env");
    test::write(live / ".env.production", "A=production\nB=production\nC=production\nD=production");
    test::write(live / ".env.local", "A=local\nB=local\nC=local");
    test::write(live / ".env.production.local", "A=production.local\nB=production.local");
    test::write(live / "unit.env", "E=file # kept\nF=file");
    const auto instance = find_instance(live.path(), {},
                                        {.environment = {{"A", "unit"}, {"F", "unit"}},
                                         .environment_files = {live / "unit.env", live / "none"}});
    CHECK(instance.environment == Environment{{"A", "unit"},
                                              {"B", "production.local"},
                                              {"C", "local"},
                                              {"D", "production"},
                                              {"E", "file # kept"},
                                              {"F", "file"}});
    CHECK(instance.env_files_read.size() == 5);
}

TEST_CASE("a configured environment file takes the place of .env.production") {
    const TemporaryDirectory live;
    test::write(live / ".env.production", "A=1");
    test::write(live / "etc/mastodon.env", "A=2");
    CHECK(find_instance(live.path(), live / "etc/mastodon.env", {}).environment.at("A") == "2");
    CHECK(find_instance({}, live / "etc/mastodon.env", {}).directory == live / "etc");
}

TEST_CASE("an instance that is nowhere is an error that says what to set") {
    const TemporaryDirectory empty;
    for (const auto& directory : {empty.path(), empty / "nowhere"}) {
        try {
            find_instance(directory, {}, {});
            FAIL("found");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::environment);
            CHECK(error.hint().find("mastodon.directory") != std::string::npos);
        }
    }
}

TEST_CASE("the media root is Paperclip's") {
    mastodon::Instance instance{.directory = "/srv/live"};
    CHECK(mastodon::media_root(instance) == "/srv/live/public/system");
    instance.environment["PAPERCLIP_ROOT_PATH"] = "/mnt/media/";
    CHECK(mastodon::media_root(instance) == "/mnt/media/");
    instance.environment["PAPERCLIP_ROOT_PATH"] = ":rails_root/media";
    CHECK(mastodon::media_root(instance) == "/srv/live/media");
    instance.environment["PAPERCLIP_ROOT_PATH"] = "media";
    CHECK(mastodon::media_root(instance) == "/srv/live/media");
}

TEST_CASE("an object store is told by its variable") {
    CHECK_FALSE(mastodon::object_store({{"S3_ENABLED", "false"}, {"SWIFT_ENABLED", ""}}));
    CHECK(mastodon::object_store({{"S3_ENABLED", "true"}}) == "S3_ENABLED");
    CHECK(mastodon::object_store({{"AZURE_ENABLED", "true"}}) == "AZURE_ENABLED");
}

TEST_CASE("what is needed and comes from a command is an error with file and line") {
    mastodon::Instance instance{.directory = "/srv/live",
                                .unknowns = {{"PAPERCLIP_ROOT_PATH", "/srv/.env:1: why"},
                                             {"S3_ENABLED", "/srv/.env:2: why"},
                                             {"DB_PASS", "/srv/.env:3: why"},
                                             {"SMTP_PASSWORD", "/srv/.env:4: why"}}};
    CHECK_THROWS_WITH(mastodon::media_root(instance), Catch::Contains("/srv/.env:1"));
    CHECK_THROWS_WITH(mastodon::object_store({}, instance.unknowns), Catch::Contains(":2"));
    CHECK_THROWS_WITH(mastodon::database_settings({}, instance.unknowns), Catch::Contains(":3"));
    instance.unknowns.erase("DB_PASS");
    CHECK_NOTHROW(mastodon::database_settings({}, instance.unknowns));
}

TEST_CASE("secrets that are missing or empty are named") {
    Environment environment{{"SECRET_KEY_BASE", "x"},
                            {"OTP_SECRET", ""},
                            {"VAPID_PRIVATE_KEY", "x"},
                            {"VAPID_PUBLIC_KEY", ""}};
    const auto missing = [&](bool encryption, bool otp) {
        return mastodon::missing_secrets(environment, encryption, otp);
    };
    CHECK(missing(false, false) == std::vector<std::string>{"VAPID_PUBLIC_KEY"});
    environment["VAPID_PUBLIC_KEY"] = "x";
    CHECK(missing(false, false).empty());
    CHECK(missing(true, false).size() == 3);
}

TEST_CASE("OTP_SECRET is needed by databases alone that have values of it") {
    const Environment of_2026{
        {"SECRET_KEY_BASE", "x"}, {"VAPID_PRIVATE_KEY", "x"}, {"VAPID_PUBLIC_KEY", "x"}};
    CHECK(mastodon::missing_secrets(of_2026, false, false).empty());
    CHECK(mastodon::missing_secrets(of_2026, false, true) ==
          std::vector<std::string>{"OTP_SECRET"});
}

TEST_CASE("encryption keys are needed from 4.3 on") {
    CHECK_FALSE(mastodon::needs_encryption_keys(""));
    CHECK_FALSE(mastodon::needs_encryption_keys("20230907150100"));
    CHECK(mastodon::needs_encryption_keys("20240307180905"));
    CHECK(mastodon::needs_encryption_keys("20251217091936"));
}

TEST_CASE("what systemd says of a unit is read line by line") {
    CHECK(mastodon::parse_unit_environment("RAILS_ENV=production\nA=b c=d\nnonsense\n") ==
          Environment{{"RAILS_ENV", "production"}, {"A", "b c=d"}});
    CHECK(mastodon::parse_environment_file_list(
              "/etc/default/x true\n/etc/y false\n/etc/a b false\n/etc/*.env false\n") ==
          std::vector<std::filesystem::path>{"/etc/default/x", "/etc/y", "/etc/a b", "/etc/*.env"});
    CHECK(mastodon::parse_working_directory("/srv/live", "mastodon") == "/srv/live");
    CHECK(mastodon::parse_working_directory("!/srv/live", "mastodon") == "/srv/live");
    CHECK(mastodon::parse_working_directory("~", "") == "/root");
    CHECK(mastodon::parse_working_directory("!~", "nobody") == "/nonexistent");
    CHECK(mastodon::parse_working_directory("", "nobody") == "");
    CHECK(mastodon::parse_user("0") == "root");
    CHECK(mastodon::parse_user("4000123") == "4000123");
    CHECK(mastodon::parse_user("masto-Don") == "masto-Don");
}

TEST_CASE("an environment file of a unit may be a pattern of several") {
    const TemporaryDirectory live;
    test::write(live / ".env.production", "A=1");
    test::write(live / "unit/2.env", "B=2\nC=2");
    test::write(live / "unit/1.env", "B=1\nD=1");
    const auto instance =
        find_instance(live.path(), {}, {.environment_files = {live / "unit/*.env"}});
    CHECK(instance.environment == Environment{{"A", "1"}, {"B", "2"}, {"C", "2"}, {"D", "1"}});
    CHECK(instance.env_files_read.size() == 3);
}

TEST_CASE("dotenv files are read as the gem does that Mastodon's Gemfile.lock names") {
    const TemporaryDirectory live;
    test::write(live / ".env.production", R"(A="x\ny")");
    CHECK_THAT(find_instance(live.path(), {}, {}).unknowns.at("A"),
               Catch::Contains("depends on Mastodon's version"));
    test::write(live / "Gemfile.lock", "GEM\n  specs:\n    dotenv (2.8.1)\n");
    CHECK(find_instance(live.path(), {}, {}).environment.at("A") == "x\ny");
    test::write(live / "Gemfile.lock", "GEM\n  specs:\n    dotenv (3.1.8)\n");
    CHECK(find_instance(live.path(), {}, {}).environment.at("A") == "x\\ny");
    std::filesystem::remove(live / "Gemfile.lock");
    std::filesystem::create_directory(live / "Gemfile.lock");
    CHECK(find_instance(live.path(), {}, {}).unknowns.contains("A"));
}

TEST_CASE("environment files are read as systemd reads them") {
    CHECK(mastodon::parse_environment_file("# comment\n; comment\n\nA=b c \nB = 'x  '\nnonsense\n"
                                           "C=\"q\\\"\\$\\n\"\nD=one\\\ntwo\nE='a\nb'\nF=$A\n") ==
          Environment{{"A", "b c"},
                      {"B", "x  "},
                      {"C", "q\"$\\n"},
                      {"D", "onetwo"},
                      {"E", "a\nb"},
                      {"F", "$A"}});
}

TEST_CASE("a quote within a value of an environment file is a part of it, as for systemd") {
    const auto value = [](const std::string& text) {
        const auto all = mastodon::parse_environment_file("A=" + text + "\nB=b\n");
        CHECK(all.at("B") == "b");
        return all.at("A");
    };
    CHECK(value("pass\"word") == "pass\"word");
    CHECK(value("it's") == "it's");
    CHECK(value("x \"y z\" ") == "x \"y z\"");
    CHECK(value("\"x\"'y' z\"") == "xyz\"");
    CHECK(value("\\\"x\"") == "\"x\"");
    CHECK(value("x#y;z") == "x#y;z");
    CHECK(value("x \\ ") == "x  ");
    CHECK(value("\"a\r\nb\"\r") == "a\r\nb");
    CHECK(value("x\\\ny\r") == "xy");
    CHECK(value("") == "");
    CHECK(mastodon::parse_environment_file("\n # c \\\n A = x\nB\n=\n;\nA=").at("A") == "");
    CHECK(mastodon::parse_environment_file("A=\"x\nB=y").at("A") == "x\nB=y");
    CHECK(mastodon::parse_environment_file("A=\\") == Environment{{"A", ""}});
}
