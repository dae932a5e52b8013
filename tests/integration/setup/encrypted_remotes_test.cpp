// SPDX-License-Identifier: GPL-3.0-or-later
//
// Crypt remotes that setup makes, with the real rclone.
#include "daemon/setup/encrypted_remotes.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
namespace fs = std::filesystem;

namespace {

// Without a line feed at its end, as an editor may leave it.
constexpr auto rclone_conf = R"(# mine
[b2]
type = alias
remote = /nonexistent/b2

[b2-crypt]
type = crypt
remote = b2:other
password = 4aClj7244P8o7wYevAxjDjXEDCyGYA

[over]
type = crypt
remote = b2:old/
password = 4aClj7244P8o7wYevAxjDjXEDCyGYA)";

struct Rclones {
    Rclones() {
        test::write(file, rclone_conf);
        remote.name = "nas";
        remote.target = "b2:plain";
        remote.rclone_config = file;
        config.offsite.push_back(remote);
    }

    RcloneChange encrypt(bool may_ask = false) {
        return encrypt_remotes(answers, config, may_ask, scratch.path(), account);
    }
    Json sections() const {
        const auto dumped = run({.argv = {"rclone", "--config", file, "config", "dump"}});
        REQUIRE(dumped.ok());
        return Json::parse(dumped.output);
    }

    test::TemporaryDirectory directory, scratch;
    fs::path file = directory / "rclone.conf";
    Account account = account_of(::geteuid()).value();
    config::Remote remote;
    config::Config config;
    SetupAnswers answers;
};

}  // namespace

TEST_CASE_METHOD(Rclones, "a place of rclone gets a crypt remote with two random passwords") {
    answers = {.remotes = {"rclone:b2:new", "rclone:b2:newer"}, .encrypt = true};
    const auto change = encrypt();
    CHECK(answers.remotes == std::vector<std::string>{"rclone:b2-crypt-2:", "rclone:b2-crypt-3:"});
    CHECK(test::read(file) == rclone_conf);
    write_change(change, account);
    CHECK(test::read(file).starts_with(std::string(rclone_conf) + "\n"));
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));

    const auto made = sections();
    CHECK(made.size() == 5);
    std::vector<std::string> passwords;
    for (const auto* name : {"b2-crypt-2", "b2-crypt-3"}) {
        CHECK(made.at(name).at("type") == "crypt");
        CHECK(made.at(name).at("filename_encryption") == "standard");
        passwords.push_back(made.at(name).at("password"));
        passwords.push_back(made.at(name).at("password2"));
    }
    CHECK(made.at("b2-crypt-2").at("remote") == "b2:new");
    CHECK(made.at("b2-crypt-3").at("remote") == "b2:newer");
    for (const auto& password : passwords) {
        CHECK(std::ranges::count(passwords, password) == 1);
        CHECK(change.shown.find(password) == std::string::npos);
        const auto clear = run({.argv = {"rclone", "reveal", "--", password}});
        CHECK(clear.output.size() == 45);  // 32 bytes in base64, and a line feed
    }
}

TEST_CASE_METHOD(Rclones, "a crypt remote that exists already is used, and made only once") {
    answers = {.remotes = {"rclone:b2:old"}, .encrypt = true};
    CHECK(encrypt().added.empty());
    CHECK(answers.remotes.front() == "rclone:over:");
    answers = {.remotes = {"rclone:over:"}, .encrypt = true};
    CHECK(encrypt().added.empty());

    answers = {.remotes = {"rclone:b2:new/"}, .encrypt = true};
    write_change(encrypt(), account);
    const auto before = test::read(file);
    // Also without the option when the configuration has it: not a second, plain copy there.
    remote.target = "b2-crypt-2:";
    config.offsite.push_back(remote);
    for (const auto wanted : {std::optional(true), std::optional<bool>()}) {
        answers = {.remotes = {"rclone:b2:new"}, .encrypt = wanted};
        CHECK(encrypt().added.empty());
        CHECK(answers.remotes.front() == "rclone:b2-crypt-2:");
    }
    CHECK(test::read(file) == before);
}

TEST_CASE_METHOD(Rclones, "nothing is encrypted without an answer, or where it contradicts") {
    for (const auto wanted : {std::optional(false), std::optional<bool>()}) {
        answers = {.remotes = {"rclone:b2:new", "/srv/disk"}, .encrypt = wanted};
        CHECK(encrypt().added.empty());
        CHECK(answers.remotes.front() == "rclone:b2:new");
    }
    // The test of the remote reports an rclone.conf that is missing.
    fs::rename(file, directory / "away");
    answers = {.remotes = {"rclone:b2:new"}};
    CHECK(encrypt().added.empty());
    answers.encrypt = true;
    CHECK_THROWS_AS(encrypt(), Error);
    fs::rename(directory / "away", file);
    for (const auto* place : {"/srv/disk", "rsync:host:/x", "rclone:b2:plain"}) {
        answers = {.remotes = {place}, .encrypt = true};
        CHECK_THROWS_AS(encrypt(), Error);
    }
    answers = {.encrypt = true};
    CHECK_THROWS_AS(encrypt(), Error);
    remote.target = "over:";
    config.offsite.push_back(remote);
    answers = {.remotes = {"rclone:b2:old"}, .encrypt = false};
    CHECK_THROWS_AS(encrypt(), Error);
}

TEST_CASE_METHOD(Rclones, "the section of a configured remote that is gone is not made again") {
    remote.target = "b2-crypt-2:";
    config.offsite.push_back(remote);
    answers = {.remotes = {"rclone:b2:new"}, .encrypt = true};
    CHECK(encrypt().shown.find("[b2-crypt-3]") != std::string::npos);
}

TEST_CASE_METHOD(Rclones, "rclone.conf is not replaced when it is a link, or has changed") {
    answers = {.remotes = {"rclone:b2:new"}, .encrypt = true};
    const auto change = encrypt();
    test::write(file, "[b2]\ntype = alias\nremote = /elsewhere\n");
    CHECK_THROWS_AS(write_change(change, account), Error);
    CHECK(test::read(file).find("/elsewhere") != std::string::npos);

    fs::rename(file, directory / "real");
    fs::create_symlink(directory / "real", file);
    CHECK_THROWS_AS(write_change(change, account), Error);
    answers = {.remotes = {"rclone:b2:new"}, .encrypt = true};
    CHECK_THROWS_AS(encrypt(), Error);
}
