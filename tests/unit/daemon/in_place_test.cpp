// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/in_place.hpp"

#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("in place goes what is Mastodon's, and nothing else that a set may have") {
    config::Config config;
    config.files.extra = {"/etc/letsencrypt/", "/opt/extra.conf"};
    mastodon::Instance instance;
    instance.directory = "/home/mastodon/live";
    const auto may = daemon::belongs_to_mastodon(config, &instance);
    for (const auto* path : {"home/mastodon/live/.env.production", "home/mastodon/live/.env",
                             "etc/systemd/system/mastodon-web.service",
                             "etc/systemd/system/mastodon-streaming@.service",
                             "etc/systemd/system/mastodon-web.service.d/local.conf",
                             "etc/nginx/nginx.conf", "etc/nginx/sites-available/mastodon",
                             "etc/letsencrypt/live/x/privkey.pem", "opt/extra.conf"}) {
        CAPTURE(path);
        CHECK(may(path));
    }
    for (const auto* path :
         {"root/.ssh/authorized_keys", "etc/cron.d/zz", "etc/sudoers.d/zz", "root/.env.production",
          "etc/systemd/system/cron.service", "etc/systemd/system/cron.service.d/zz.conf",
          "etc/systemd/system/mastodon-web.service.d/deep/zz.conf",
          "usr/lib/systemd/system/mastodon-web.service", "etc/nginx/modules-enabled/zz.conf",
          "opt/extra.conf.d/zz", "home/mastodon/live/.environment",
          "etc/nginx/conf.d/../../cron.d/zz", "etc/nginx/nginx.conf2"}) {
        CAPTURE(path);
        CHECK_FALSE(may(path));
    }
    // On a machine without Mastodon, its directory is not known.
    CHECK(daemon::belongs_to_mastodon(config, nullptr)("srv/live/.env.production"));
}
