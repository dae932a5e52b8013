// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

// systemd mounts the directories of a drill's Mastodon as root, and follows every symlink.
TEST_CASE_METHOD(AttackedHost, "a drill shows and makes nothing where mastodon's user leads it") {
    sh("sed -i '1i drill: {schedule: never}' /etc/mastobak/mastobak.yaml; "
       "install -d -m 700 /root/closed; install -d -m 755 /root/closed/inner; "
       "echo SECRET-OF-ROOT > /root/closed/inner/file; chmod 644 /root/closed/inner/file; "
       "chmod 755 /home/mastodon");
    back_up();
    // The program prints the files that it sees, instead of its facts.
    as("mastodon", R"sh(cd /home/mastodon/live; mkdir bin; cat >bin/rails <<'SH'
#!/bin/bash
cat >/dev/null
seen="$(cat /home/mastodon/.rbenv/* /home/mastodon/live/file 2>&1 | tr -cd 'A-Za-z-')"
printf 'mastobak-boot: {"accounts":0,"username":"","key":"none","decrypted":0,'
printf '"undecrypted":"saw %s","media_path":"","media_url":""}\n' "$seen"
SH
chmod 755 bin/rails)sh");
    const auto drill = [&] {
        const auto done = admin("mastobak drill --from /var/lib/mastobak/staging", 120);
        INFO(done.text);
        CHECK(done.text.find("SECRET-OF-ROOT") == std::string::npos);
        return done.text;
    };
    CHECK(drill().find("saw cat") != std::string::npos);

    as("mastodon", "ln -s /root/closed/inner /home/mastodon/.rbenv");
    CHECK(drill().find("by a symlink of user 'mastodon', who may not read it") !=
          std::string::npos);
    as("mastodon",
       "rm /home/mastodon/.rbenv; cd /home/mastodon; mv live away; "
       "ln -s /root/closed/inner live");
    CHECK(drill().find("mastodon   ") != std::string::npos);
    as("mastodon", "cd /home/mastodon; rm live; mv away live");

    // systemd would make a mount point inside a mounted directory as root.
    as("mastodon",
       "cd /home/mastodon/live; mv .env.production kept; "
       "ln -s /usr/lib/made/by-root .env.production");
    CHECK(drill().find("saw cat") != std::string::npos);
    as("mastodon", "cd /home/mastodon/live; rm .env.production");
    CHECK(drill().find("saw cat") != std::string::npos);
    CHECK_FALSE(exec({"test", "-e", "/usr/lib/made"}).ok());
    CHECK(sh("find /home/mastodon -not -user mastodon -newer /etc/mastobak/mastobak.yaml").empty());

    // An attacker who takes over the daemon's user cannot see more.
    as("mastobak",
       "cd /var/lib/mastobak; ln -s /usr/lib/made/by-root .env.production; "
       "systemctl --no-ask-password start mastobak-boot@var-lib-mastobak.service || "
       "true");
    CHECK_FALSE(exec({"test", "-e", "/usr/lib/made"}).ok());
}
