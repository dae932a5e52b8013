// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/unit_sandbox.hpp"

#include <string>

#include "async/run_sync.hpp"
#include "support/catch.hpp"
#include "support/fake_units.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

/// The sandbox of systemd/mastobak.service.in with a drop-in.
UnitSandbox installed() {
    return {.protect_system = "strict",
            .protect_home = "read-only",
            .private_tmp = true,
            .read_write = {"/mnt/disk", "-/mnt/usb", "/home/backup"},
            .inaccessible = {"-/root/.ssh"},
            .directories = {"/var/lib/mastobak", "/run/mastobak"}};
}

}  // namespace

TEST_CASE("the rule of the longest path counts") {
    const auto sandbox = installed();
    for (const auto* path : {"/var/lib/mastobak", "/var/lib/mastobak/staging", "/mnt/disk",
                             "/mnt/disk/a/b", "/mnt/usb/x", "/home/backup/sets", "/dev/null"})
        CHECK(access_in(sandbox, path) == Access::write);
    for (const auto* path : {"/", "/srv", "/mnt", "/mnt/disk2", "/home/mastodon/live",
                             "/var/lib/mastobak2", "/etc/mastobak", "/root"})
        CHECK(access_in(sandbox, path) == Access::read);
    for (const auto* path : {"/tmp/x", "/var/tmp", "/root/.ssh", "/root/.ssh/id"})
        CHECK(access_in(sandbox, path) == Access::nothing);
}

TEST_CASE("only programs in permitted places can be executed") {
    auto sandbox = installed();
    CHECK_FALSE(executing_forbidden(sandbox, "the hook", "/etc/mastobak/hook"));
    sandbox.no_exec = {"/"};
    sandbox.exec = {"/usr", "-/opt"};
    CHECK_FALSE(executing_forbidden(sandbox, "the hook", "/usr/local/bin/hook"));
    CHECK_FALSE(executing_forbidden(sandbox, "the hook", "/opt/hook"));
    const auto error = executing_forbidden(sandbox, "the hook", "/etc/mastobak/hook");
    REQUIRE(error);
    CHECK(error->text().find("'/etc/mastobak/hook' cannot be executed") != std::string::npos);
    CHECK(error->hint().find("ExecPaths=/etc/mastobak;") != std::string::npos);
    CHECK(executing_forbidden(sandbox, "the hook", "/tmp/hook"));
}

TEST_CASE("the stricter of two rules about one path counts") {
    auto sandbox = installed();
    sandbox.inaccessible.emplace_back("/mnt/disk/");
    CHECK(access_in(sandbox, "/mnt/disk/a") == Access::nothing);
    sandbox.inaccessible.clear();
    sandbox.read_only.emplace_back("/mnt/disk");
    CHECK(access_in(sandbox, "/mnt/disk/a") == Access::read);
}

TEST_CASE("a unit without a sandbox forbids nothing, a weaker one less") {
    CHECK(access_in({.protect_system = "no", .protect_home = "no"}, "/usr/x") == Access::write);
    CHECK(access_in({.protect_system = "yes"}, "/usr/x") == Access::read);
    CHECK(access_in({.protect_system = "yes"}, "/etc/x") == Access::write);
    CHECK(access_in({.protect_system = "full"}, "/etc/x") == Access::read);
    CHECK(access_in({.protect_home = "yes"}, "/home/mastodon") == Access::nothing);
    CHECK(access_in({.protect_home = "tmpfs"}, "/root/x") == Access::nothing);
}

TEST_CASE("what is forbidden is said with what to change") {
    const auto sandbox = installed();
    CHECK_FALSE(writing_forbidden(sandbox, "the staging directory", "/mnt/disk/s", Errc::staging));
    const auto error =
        writing_forbidden(sandbox, "the staging directory", "/srv/backup", Errc::staging);
    REQUIRE(error);
    CHECK(error->code() == Errc::staging);
    CHECK(error->hint().find("ReadWritePaths=/srv/backup") != std::string::npos);
    const auto hidden = writing_forbidden(sandbox, "the remote 'x'", "/tmp/x", Errc::offsite);
    REQUIRE(hidden);
    CHECK(hidden->text().find("PrivateTmp=") != std::string::npos);
    CHECK_FALSE(reading_forbidden(sandbox, "the media", "/home/mastodon", Errc::media));
    CHECK(reading_forbidden({.protect_home = "yes"}, "the media", "/home/mastodon", Errc::media));
}

TEST_CASE("the sandbox is what systemd says of the unit") {
    test::FakeUnitControl systemd;
    CHECK_FALSE(async::run_sync(sandbox_of(systemd, "mastobak.service")));
    systemd.units["mastobak.service"].properties = {{"ProtectSystem", "strict"},
                                                    {"ProtectHome", "read-only"},
                                                    {"PrivateTmp", "true"},
                                                    {"ReadWritePaths", "/mnt/disk\n-/mnt/usb"},
                                                    {"StateDirectory", "mastobak"}};
    const auto sandbox = async::run_sync(sandbox_of(systemd, "mastobak.service"));
    REQUIRE(sandbox);
    CHECK(access_in(*sandbox, "/var/lib/mastobak/staging") == Access::write);
    CHECK(access_in(*sandbox, "/mnt/usb") == Access::write);
    CHECK(access_in(*sandbox, "/tmp") == Access::nothing);
    CHECK(access_in(*sandbox, "/srv") == Access::read);
}
