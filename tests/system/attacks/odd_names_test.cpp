// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

constexpr auto live = "/home/mastodon/live";

/// A host with names and times that attack the programs that read them.
struct OddHost : AttackedHost {
    /// Runs SQL in Mastodon's database as Mastodon's role.
    void sql(const std::string& statements) const {
        as("mastodon", "cat >/tmp/odd.sql <<'SQL'\n" + statements +
                           "\nSQL\npsql -Xqv ON_ERROR_STOP=1 -h /run/postgresql -d " +
                           "mastodon_production -f /tmp/odd.sql; rm /tmp/odd.sql");
    }
    /// Checks that the output of a command has no effect on a terminal or a journal.
    void is_harmless(const std::string& command) const {
        const auto done = admin(command, 120);
        INFO(command << ": " << done.text);
        CHECK(done.status < 128);
        CHECK(done.text.find_first_of("\x1b\x07\x9b") == std::string::npos);
    }
    /// Counts the fences of blocks, except those that only a set with a difference has.
    std::string fences_in(const std::string& file) const {
        return sh("sed '/^```sh database-rebuild/,/^```$/d' " + file + " | grep -c '^```'");
    }
    /// Checks that the blocks of RESTORE.md contain only our commands.
    void check_guide(const std::string& set) const {
        const auto file = "/var/lib/mastobak/staging/sets/" + set + "/RESTORE.md";
        INFO(sh("cat " + file));
        const auto commands = sh("awk '/^```/ { f = !f; next } f' " + file);
        CHECK(commands.find("\ntouch /root/canary") == std::string::npos);
        CHECK(fences_in(file) == fences_in("/root/RESTORE.md"));
        sh("awk '/^```/ { f = !f; next } f' " + file + " | bash -n");
    }
};

}  // namespace

TEST_CASE_METHOD(OddHost,
                 "names and times that mastodon's user chooses do no harm to their reader") {
    back_up();
    sh("cp /var/lib/mastobak/staging/sets/*/RESTORE.md /root/RESTORE.md");
    as("mastodon", fmt::format(R"sh(cd {}
touch -d 9999-01-01 future; touch -d 1600-01-01 past; touch -d 1950-01-01 old
python3 - <<'PY'
import os
for i in range(20):
    os.mkdir('d' * 200)
    os.chdir('d' * 200)
open('deep', 'w')
PY
touch "$(printf '\033]0;PWNED\a\033[2J')"
touch -d 9999-01-01 {}/.env.production)sh",
                               media_of_mastodon, live));
    sql("CREATE TABLE \"\x1b]0;PWNED\x07\x1b[2J\" (id int); "
        "INSERT INTO schema_migrations VALUES (E'99\\x1b]0;PWNED\\x07\\n```')");
    const auto run = admin("mastobak run --standalone --no-upload", 120);
    INFO(run.text);
    REQUIRE(run.status == 0);
    const auto set = sets().back();
    check_guide(set);
    for (const auto& command : std::vector<std::string>{
             "mastobak run --standalone --no-upload", "mastobak restore --plan", "mastobak show",
             "mastobak drill", "mastobak list", "mastobak status", "mastobak browse",
             "mastobak find e", "mastobak diff " + set + " --list", "mastobak verify",
             "mastobak restore --database beside --yes"})
        is_harmless(command);
    CHECK(journal().find_first_of("\x1b\x07") == std::string::npos);

    const auto warnings =
        sh("python3 -c 'import json; print(json.load(open(\"/var/lib/mastobak/"
           "staging/sets/" +
           set + "/manifest.json\"))[\"warnings\"])'");
    INFO(warnings);
    CHECK(warnings.find("2 of the media have a modification time") != std::string::npos);
    CHECK(warnings.find("1 of the configuration files has a modification time") !=
          std::string::npos);
    CHECK(warnings.find("of the media have a path of more than 3840 bytes") != std::string::npos);
    admin("mastobak restore --media --config-files --to /root/new", 60);
    CHECK(sh("cd /root/new/media; stat -c %Y future past; date -u -r old +%F") ==
          "9223372035\n-9223372035\n1950-01-01");
    CHECK(sh("stat -c %Y /root/new/config" + std::string(live) + "/.env.production") ==
          "9223372035");
}

TEST_CASE_METHOD(OddHost,
                 "no name of a database, a role or a directory is a command of RESTORE.md") {
    back_up();
    sh("cp /var/lib/mastobak/staging/sets/*/RESTORE.md /root/RESTORE.md; "
       "sed -i '/^media:/,/^  path:/d' /etc/mastobak/mastobak.yaml");
    // A name that ends the context in a shell, psql and Markdown.
    const std::string name = "x\n}\n```\n```sh a\ntouch /root/canary\n```";
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mastodon' AND "
        "pid <> pg_backend_pid();\n\\c postgres\nALTER DATABASE mastodon_production RENAME TO \"" +
        name + "\";");
    as("mastodon", fmt::format("cd {}; sed -i '/^DB_NAME=/d' .env.production; "
                               "cat >>.env.production <<'ENV'\nDB_NAME=\"{}\"\nENV",
                               live, name));
    const auto run = admin("mastobak run --standalone --no-upload", 120);
    INFO(run.text);
    REQUIRE(run.status == 0);
    check_guide(sets().back());
    for (const std::string command :
         {"mastobak restore --plan", "mastobak drill", "mastobak show", "mastobak status"})
        is_harmless(command);

    as("mastodon", fmt::format("cd {}; mkdir -p '{}'; cat >>.env.production <<'ENV'\n"
                               "PAPERCLIP_ROOT_PATH=\"{}/{}\"\nENV",
                               live, name, live, name));
    const auto before = sets();
    const auto refused = admin("mastobak run --standalone --no-upload", 120);
    INFO(refused.text);
    CHECK(refused.status != 0);
    CHECK(refused.text.find("control characters") != std::string::npos);
    CHECK(sets() == before);
    CHECK(sh("test -e /root/canary && echo there || true").empty());
}
