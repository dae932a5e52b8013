// SPDX-License-Identifier: GPL-3.0-or-later
//
// The recovery file, with the real age, tar and rclone.
#include "daemon/setup/recovery.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
namespace fs = std::filesystem;

namespace {

std::string sh(const std::string& script) {
    const auto finished = run({.argv = {"bash", "-euo", "pipefail", "-c", script}});
    INFO(script << ": " << finished.error_tail);
    REQUIRE(finished.ok());
    return finished.output.substr(0, finished.output.find_last_not_of('\n') + 1);
}

/// A configuration with files that a new machine needs, and a pair of keys of age.
struct Kept {
    Kept() {
        for (const auto* name :
             {"etc/mastobak.yaml", "etc/ssh/id_ed25519", "etc/ssh/known_hosts", "etc/ssh/unused",
              "etc/notify.url", "state/signing.key", "state/signing.pub", "state/trusted/a.pub",
              "outside/service.json"})
            test::write(directory / name, std::string("contents of ") + name + "\n");
        test::write(directory / "etc/rclone.conf",
                    "[box]\ntype = sftp\nhost = h\nkey_file = " +
                        (directory / "outside/service.json").native() +
                        "\nknown_hosts_file = /etc/ssl/openssl.cnf\nssh = /usr/bin/ssh\n");
        config.source = directory / "etc/mastobak.yaml";
        config.state_directory = directory / "state";
        config::Remote box;
        box.target = "box:x";
        box.rclone_config = directory / "etc/rclone.conf";
        config::Remote nas;
        nas.type = config::RemoteType::rsync;
        nas.identity_file = directory / "etc/ssh/id_ed25519";
        nas.known_hosts = directory / "etc/ssh/known_hosts";
        config.offsite = {box, nas};
        config.notify.emplace_back().url_file = directory / "etc/notify.url";
        sh("age-keygen -o " + identity.native() + " 2>/dev/null");
        config.recovery.age_key = sh("age-keygen -y " + identity.native());
    }

    void write_it() const {
        write_recovery_file(config, recovery_files(config).files, user_name(::geteuid()));
    }
    bool is_outdated() const { return !why_outdated(config, recovery_files(config)).empty(); }
    void touch(const fs::path& file, std::time_t time) const {
        const timespec times[2]{{time, 0}, {time, 0}};
        REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
    }

    test::TemporaryDirectory directory;
    fs::path identity = directory / "key.txt";
    config::Config config;
};

std::string complaint_about(const std::string& key) {
    try {
        check_age_key(key);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE_METHOD(Kept,
                 "age and tar alone read the recovery file, which has all but secrets of sets") {
    write_it();
    const auto file = recovery_file(config);
    CHECK(file == directory / "etc/recovery.age");
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    const auto decrypt = "age -d -i " + identity.native() + " " + file.native();
    const auto root = directory.path().relative_path().native();
    CHECK(sh(decrypt + " | tar -t | sed 's|^" + root + "/||'") ==
          "etc/mastobak.yaml\netc/notify.url\netc/rclone.conf\netc/ssh/\netc/ssh/id_ed25519\n"
          "etc/ssh/known_hosts\nstate/signing.pub\nstate/trusted/\nstate/trusted/a.pub");
    fs::permissions(directory / "etc/ssh/id_ed25519", fs::perms::owner_read);
    write_it();
    sh("mkdir " + (directory / "new").native() + "; " + decrypt + " | tar -x -C " +
       (directory / "new").native());
    const auto restored = directory / "new" / root;
    for (const auto* name : {"etc/mastobak.yaml", "etc/ssh/id_ed25519", "state/signing.pub"})
        CHECK(test::read(restored / name) == test::read(directory / name));
    CHECK(fs::status(restored / "etc/ssh/id_ed25519").permissions() == fs::perms::owner_read);
    // Names, because a new machine has other numbers.
    CHECK(sh(decrypt + " | tar -tv | awk 'NR == 1 {print $2}'") ==
          sh("stat -c %U/%G " + config.source.native()));
    CHECK(recovery_files(config).elsewhere ==
          std::vector<fs::path>{directory / "outside/service.json"});
}

TEST_CASE_METHOD(Kept, "the recovery file is outdated by any change of a file that it has") {
    CHECK(why_outdated(config, recovery_files(config)).ends_with("is missing"));
    write_it();
    CHECK_FALSE(is_outdated());
    for (const auto* name : {"etc/mastobak.yaml", "etc/rclone.conf", "state/trusted/a.pub"}) {
        // A time of modification in the past, as a copy by `cp -p` has it, does not hide it.
        touch(recovery_file(config), 1'700'000'000);
        CHECK(is_outdated());
        touch(directory / name, 1'600'000'000);
        CHECK(is_outdated());
        write_it();
        CHECK_FALSE(is_outdated());
    }
    touch(directory / "etc/ssh/unused", 1'800'000'000);
    CHECK_FALSE(is_outdated());
    fs::remove(directory / "etc/rclone.conf");
    CHECK_FALSE(is_outdated());
}

TEST_CASE_METHOD(Kept, "a key is what age takes as a recipient") {
    CHECK(complaint_about(config.recovery.age_key).empty());
    sh("ssh-keygen -q -t ed25519 -N '' -C me@host -f " + (directory / "ssh").native());
    const auto ssh = sh("cat " + (directory / "ssh.pub").native());
    CHECK(complaint_about(ssh).empty());
    const auto several = directory / "recipients";
    test::write(several, "# two\n" + config.recovery.age_key + "\n" + ssh + "\n");
    CHECK(complaint_about(several).empty());
    CHECK(checked_age_key(several) == several.native());
    // Each of the private halves reads it.
    config.recovery.age_key = several;
    write_it();
    for (const auto& half : {identity, fs::path(directory / "ssh")})
        CHECK(sh("age -d -i " + half.native() + " " + recovery_file(config).native() +
                 " | tar -t | wc -l") == "9");

    CHECK(complaint_about("age1nonsense").find("is not a public key of age") != std::string::npos);
    CHECK(complaint_about("age1pq1qqqq").find("age 1.3") != std::string::npos);
    CHECK(complaint_about("/nonexistent").find("/nonexistent") != std::string::npos);
    CHECK(complaint_about("").find("is not a public key") != std::string::npos);
    // A private key is refused, and not repeated.
    const auto secret = sh("grep SECRET " + identity.native());
    for (const auto& wrong : {secret, identity.native(), (directory / "ssh").native()}) {
        const auto said = complaint_about(wrong);
        CHECK(said.find("is a private key") != std::string::npos);
        CHECK(said.find(secret) == std::string::npos);
    }
}
