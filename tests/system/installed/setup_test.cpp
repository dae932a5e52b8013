// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <string>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using namespace mastobak::test;

namespace {

struct SetUpHost : InstalledHost {
    /// Returns what a command prints, and its exit status in the last line.
    std::string told(const std::string& command) const {
        return sh("timeout 120 " + command + " 2>&1 </dev/null; echo $?");
    }
    bool has(const std::string& text, const std::string& part) const {
        UNSCOPED_INFO(text);
        return text.find(part) != std::string::npos;
    }
};

}  // namespace

TEST_CASE_METHOD(SetUpHost, "setup takes all answers as options, and adds to what is there") {
    sh("rm /etc/mastobak/mastobak.yaml; install -d -o mastobak -g mastobak /mnt/one /mnt/two");
    const auto first =
        told("mastobak setup --yes --remote /mnt/one --at 04:30 --notify-mail a@b.example");
    INFO(first);
    CHECK(has(first, "remote       'one' takes files"));
    CHECK(has(first, "first night"));
    CHECK(has(first, "  daily_at: \"04:30\""));
    sh("sed -i 's/^offsite:/# mine\\noffsite:/' /etc/mastobak/mastobak.yaml; "
       "cp /etc/mastobak/mastobak.yaml /root/first.yaml");

    const auto second = told(
        "mastobak setup --yes --remote /mnt/two --notify-healthchecks http://127.0.0.1:1/abcdef");
    CHECK(has(second, "target: \"/mnt/two\""));
    CHECK_FALSE(has(second, "abcdef"));
    CHECK(sh("diff /root/first.yaml /etc/mastobak/mastobak.yaml | grep -c '^<' || true") == "0");
    CHECK(sh("stat -c '%a %U' /etc/mastobak/notify-healthchecks.url") == "600 mastobak");
    CHECK(sh("cat /etc/mastobak/mastobak.yaml.old | diff - /root/first.yaml && echo same") ==
          "same");
    CHECK(has(told("mastobak setup --yes --remote /mnt/two"), "stays unchanged"));

    // A place that takes no files is not written into the configuration.
    const auto refused = told("mastobak setup --yes --remote rsync:me@127.0.0.1:/x");
    CHECK_FALSE(refused.ends_with("\n0"));
    CHECK(sh("grep -c rsync /etc/mastobak/mastobak.yaml || true") == "0");

    // A server that is down makes no worse configuration.
    sh("cp /etc/mastobak/mastobak.yaml /root/second.yaml; systemctl stop postgresql-test");
    const auto down = told("mastobak setup --yes --force");
    CHECK(has(down, "PostgreSQL does not answer"));
    CHECK(sh("cmp /etc/mastobak/mastobak.yaml /root/second.yaml && echo same") == "same");
}

TEST_CASE_METHOD(SetUpHost, "setup asks on a terminal, and ends with the first run") {
    sh("rm /etc/mastobak/mastobak.yaml; install -d -o mastobak -g mastobak /mnt/one; "
       "mkdir -p /etc/systemd/system/mastobak.service.d; "
       "printf '[Service]\nReadWritePaths=/mnt/one\n' > "
       "/etc/systemd/system/mastobak.service.d/one.conf; systemctl daemon-reload");
    const auto told =
        sh("printf '%s\\n' /mnt/one '' '' '' y y | "
           "timeout 120 script -qec 'mastobak setup' /dev/null");
    CHECK(has(told, "Where do copies go"));
    CHECK(has(told, "Write /etc/mastobak/mastobak.yaml? [y/N]"));
    CHECK(has(told, "The first backup begins."));
    CHECK(sets().size() == 1);
    CHECK(eventually("ls /mnt/one/sets/*/manifest.json"));
    CHECK(mastodon_runs());
}
