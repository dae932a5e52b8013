// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using namespace mastobak::test;

namespace {

/// A host without a configuration, and with two places for copies.
struct SetUpHost : InstalledHost {
    SetUpHost() {
        sh("rm /etc/mastobak/mastobak.yaml; install -d -o mastobak -g mastobak /mnt/one /mnt/two; "
           "mkdir -p /etc/systemd/system/mastobak.service.d; "
           "printf '[Service]\\nReadWritePaths=/mnt/one /mnt/two\\n' > "
           "/etc/systemd/system/mastobak.service.d/places.conf; systemctl daemon-reload");
    }
    /// Returns what a command prints, and its exit status in the last line.
    std::string told(const std::string& command) const {
        return sh("status=0; timeout 120 " + command +
                  " 2>&1 </dev/null || status=$?; echo $status");
    }
};

bool shows(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(SetUpHost, "setup takes all answers as options, and adds to what is there") {
    const auto first =
        told("mastobak setup --yes --remote /mnt/one --at 04:30 --notify-mail a@b.example");
    CHECK(shows(first, "remote       'one' takes files"));
    CHECK(shows(first, "first night"));
    CHECK(shows(first, "  daily_at: \"04:30\""));
    sh("sed -i 's/^offsite:/# mine\\noffsite:/' /etc/mastobak/mastobak.yaml; "
       "cp /etc/mastobak/mastobak.yaml /root/first.yaml");

    const auto second = told(
        "mastobak setup --yes --remote /mnt/two --notify-healthchecks http://127.0.0.1:1/abcdef");
    CHECK(shows(second, "target: \"/mnt/two\""));
    CHECK_FALSE(shows(second, "abcdef"));
    CHECK(second.ends_with("\n0"));
    CHECK(sh("diff /root/first.yaml /etc/mastobak/mastobak.yaml | grep -c '^<' || true") == "0");
    CHECK(sh("stat -c '%a %U' /etc/mastobak/notify-healthchecks.url") == "600 mastobak");
    CHECK(sh("cmp /etc/mastobak/mastobak.yaml.old /root/first.yaml && echo same") == "same");
    CHECK(shows(told("mastobak setup --yes --remote /mnt/two --notify-healthchecks "
                     "http://127.0.0.1:1/abcdef"),
                "stays unchanged"));

    // A place that takes no files does not become a remote.
    const auto refused = told("mastobak setup --yes --remote rsync:me@127.0.0.1:/x");
    CHECK_FALSE(refused.ends_with("\n0"));
    CHECK(sh("grep -c 'type: rsync' /etc/mastobak/mastobak.yaml || true") == "0");

    // A server that is down makes no worse configuration.
    sh("cp /etc/mastobak/mastobak.yaml /root/second.yaml; systemctl stop postgresql-test");
    CHECK(shows(told("mastobak setup --yes --force"), "PostgreSQL does not answer"));
    CHECK(sh("cmp /etc/mastobak/mastobak.yaml /root/second.yaml && echo same") == "same");
}

TEST_CASE_METHOD(SetUpHost, "setup asks on a terminal, and ends with the first run") {
    const auto said =
        sh("printf '%s\\n' disk /mnt/one '' '' '' '' y y | "
           "timeout 120 script -qec 'mastobak setup' /dev/null");
    CHECK(shows(said, "Where do copies go"));
    CHECK(shows(said, "'disk' is not a remote"));
    CHECK(shows(said, "Write /etc/mastobak/mastobak.yaml? [y/N]"));
    CHECK(shows(said, "The first backup begins."));
    CHECK(sets().size() == 1);
    CHECK(eventually("ls /mnt/one/sets/*/manifest.json"));
    CHECK(mastodon_runs());
}
