// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

TEST_CASE_METHOD(AttackedHost, "set-user-ID and set-group-ID bits do not come back from a set") {
    as("mastodon", std::string("cd ") + media_of_mastodon +
                       "; chmod 6755 $(find . -type f | head -n 3); chmod 3777 media_attachments");
    back_up();
    const auto restored = admin("mastobak restore --media --to /root/new");
    INFO(restored.text);
    CHECK(restored.status == 0);
    CHECK(sh("find /root/new/media -type f | wc -l") != "0");
    CHECK(sh("find /root/new/media -perm /6000").empty());
    CHECK(sh("stat -c %a /root/new/media/media_attachments") ==
          "1777");  // the sticky bit gives no rights
    const auto extracted =
        admin(std::string("cd /root && mastobak extract latest media_attachments --to /root/few"));
    INFO(extracted.text);
    CHECK(extracted.status == 0);
    CHECK(sh("find /root/few -perm /6000").empty());
}
