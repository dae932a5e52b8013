// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

constexpr auto at_remote = "/mnt/offsite/sets";

/// A remote to which an attacker can only add files.
struct AddOnlyRemote : AttackedHost {
    std::string older, newest, forged;

    AddOnlyRemote() {
        sh("printf 'retention: {daily: 1, weekly: 0, monthly: 0, minimum: 2}\n' "
           ">> /etc/mastobak/mastobak.yaml");
        start_daemon();
        older = night();
        newest = night();
    }
    std::string night() const {
        const auto run = admin("mastobak run", 120);
        INFO(run.text);
        REQUIRE(run.status == 0);
        const auto set = sets().back();
        REQUIRE(eventually(fmt::format("test -e {}/{}/manifest.json", at_remote, set)));
        return set;
    }
    /// Adds the sets of a compromised host: copies, sets with another time in their name, and
    /// complete sets of another host, which are the newest ones.
    void add_sets() {
        for (const std::string name : {"99991231T235959Z", "59991231T235959Z", "30000630T000000Z"})
            sh(fmt::format("cp -a {0}/{1} {0}/{2}", at_remote, newest, name));
        for (const std::string name : {"22010101T000000Z", "21000101T000000Z",
                                       "$(date -u -d "
                                       "'+1 day' +%Y%m%dT%H%M%SZ)",
                                       "$(date -u -d '+1 hour' "
                                       "+%Y%m%dT%H%M%SZ)"}) {
            const auto path = sh(fmt::format("echo {}/{}", at_remote, name));
            sh(fmt::format("cp -a {}/{} {}", at_remote, newest, path));
            forge(path);
        }
        // Signed with its own key, and complete.
        sh("sed '/^offsite:/,$d' /etc/mastobak/mastobak.yaml > /srv/other.yaml; "
           "install -d -o mastobak -g mastobak -m 700 /srv/other; "
           "printf 'state_directory: /srv/other/state\nstaging: {path: /srv/other/staging}\n"
           "runtime_directory: /srv/other/run\n' >> /srv/other.yaml; "
           "install -d -o mastobak -g mastobak -m 700 /srv/other/state /srv/other/staging "
           "/srv/other/run");
        REQUIRE(eventually(fmt::format("[[ $(date -u +%Y%m%dT%H%M%SZ) > {} ]]", newest)));
        const auto made =
            admin("mastobak --config /srv/other.yaml run --standalone --no-upload", 120);
        INFO(made.text);
        REQUIRE(made.status == 0);
        forged = sh("ls /srv/other/staging/sets");
        REQUIRE(forged > newest);
        for (const std::string part : {"media", "database", "sets"})
            sh("cp -a /srv/other/staging/" + part + "/* /mnt/offsite/" + part + "/");
    }
    bool is_there(const std::string& set) const {
        return exec({"test", "-e", fmt::format("{}/{}/manifest.json", at_remote, set)}).ok();
    }
};

}  // namespace

TEST_CASE_METHOD(AddOnlyRemote,
                 "an account that may add to a remote cannot push sets out, and is not believed") {
    add_sets();
    const auto strangers = sh(fmt::format("ls {} | grep -v -e {} -e {}", at_remote, older, newest));
    for (int i = 0; i < 2; ++i) {
        const auto pruned = admin("mastobak prune");
        INFO(pruned.text);
        CHECK(pruned.status == 0);
        CHECK(pruned.text.find("not known to be of this host") != std::string::npos);
        CHECK(is_there(older));
        CHECK(is_there(newest));
    }
    // As usual, retention removes our third set after the backup.
    const auto latest = night();
    CHECK(eventually(fmt::format("! test -e {}/{}", at_remote, older)));
    CHECK(is_there(newest));
    CHECK(is_there(latest));
    // Foreign sets are kept, whatever their manifests say.
    CHECK(sh(fmt::format("ls {} | grep -v -e {} -e {}", at_remote, newest, latest)) == strangers);

    // The daemon does not make a drill with them, and a restore needs an explicit option.
    for (const std::string command : {"mastobak drill", "mastobak drill --from disk"}) {
        auto drilled = admin(command, 120);
        // The daemon has begun its own first drill, which a busy machine does not end at once.
        while (drilled.status == 11) {
            REQUIRE(eventually("! mastobak status | grep -q ^drilling"));
            drilled = admin(command, 120);
        }
        INFO(command << ": " << drilled.text);
        CHECK(drilled.status == 0);
        CHECK(drilled.text.find(latest) != std::string::npos);
    }
    const auto restored =
        admin("mastobak restore " + forged + " --from disk --database beside --yes");
    INFO(restored.text);
    CHECK(restored.status == 21);
    CHECK(restored.text.find("--unsigned") != std::string::npos);

    // A machine without sets continues from our set.
    sh("systemctl stop mastobak; rm -rf /var/lib/mastobak/staging/*; systemctl start mastobak");
    const auto next = night();
    CHECK(sets() == std::vector<std::string>{latest, next});
}

TEST_CASE_METHOD(AttackedHost, "a person says that a set without a signature is of this host") {
    start_daemon();
    REQUIRE(mastobak({"run"}) == 0);
    const auto set = sets().back();
    const auto there = "/mnt/offsite/sets/" + set;
    REQUIRE(eventually("ls /mnt/offsite/mastobak-*.pub"));
    const auto half = sh("tail -n 1 /mnt/offsite/mastobak-*.pub");
    CHECK(admin("mastobak status").text.find(half) != std::string::npos);
    CHECK(sh("cat " + there + "/RESTORE.md").find(half) != std::string::npos);

    // As if an older version had made the set, and staging had lost it since.
    sh("systemctl stop mastobak; rm " + there +
       "/SHA256SUMS.sig; rm -rf /var/lib/mastobak/staging/*");
    const auto adopt = "mastobak adopt " + set + " --from disk";
    CHECK(admin(adopt).text.find("--yes") != std::string::npos);
    CHECK_FALSE(exec({"test", "-e", there + "/SHA256SUMS.sig"}).ok());
    const auto adopted = admin(adopt + " --yes");
    INFO(adopted.text);
    CHECK(adopted.status == 0);
    CHECK(sh("stat -c %U " + there + "/SHA256SUMS.sig") == "mastobak");
    CHECK(admin("mastobak restore " + set + " --from disk --plan").text.find("nothing proves") ==
          std::string::npos);
}
