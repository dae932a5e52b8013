// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/installed_host.hpp"

using mastobak::test::InstalledHost;
using nlohmann::json;

namespace {

/// The factor by which an estimate of a size may differ from the real one.
constexpr double most = 2;

/// A host with enough rows and media that the sizes of an empty database do not matter. Seven days
/// out of seventy have added the recent files.
struct EstimatedHost : InstalledHost {
    EstimatedHost() {
        sh(R"sh(systemctl stop 'mastodon-*'
            export PGHOST=/run/postgresql PGUSER=postgres
            export MASTOBAK_BIN=/opt/mastobak/build/release/bin
            media=/home/mastodon/live/public/system
            dropdb mastodon_production; rm -r $media/*
            runuser -u mastodon -- $MASTOBAK_BIN/make_media $media --files 700 --seed 7
            /opt/mastobak/tests/support/instance/make-database --owner mastodon --size 80 \
                --files 700 --seed 7 mastodon_production
            find $media -type f | sort | awk 'NR % 10' | xargs -d '\n' touch -d '20 days ago'
            systemctl start mastodon-web mastodon-sidekiq mastodon-streaming)sh");
    }

    void day_passes() const {
        sh(R"sh(export PGHOST=/run/postgresql PGUSER=postgres
            export MASTOBAK_BIN=/opt/mastobak/build/release/bin
            runuser -u mastodon -- $MASTOBAK_BIN/make_media /home/mastodon/live/public/system \
                --files 10 --seed 8
            /opt/mastobak/tests/support/instance/make-day --size 80 --seed 7 1 mastodon_production)sh");
    }
    json estimate() const { return json::parse(sh("mastobak estimate --json")); }
    double size_of(const std::string& directory) const {
        return std::stod(sh("du -sb --apparent-size " + directory + " | cut -f 1"));
    }
    /// Makes a set and waits until it is off-site.
    void night() const {
        REQUIRE(mastobak({"run"}) == 0);
        REQUIRE(eventually("mastobak status --json | jq -e '.offsite[0].queued == 0'"));
    }
};

void check_close(const json& estimated, double real) {
    INFO("estimated " << estimated << ", really " << real);
    CHECK(estimated.get<double>() < most * real);
    CHECK(estimated.get<double>() > real / most);
}

double total(const json& night) {
    return night["database_bytes"].get<double>() + night["media_bytes"].get<double>();
}

}  // namespace

TEST_CASE_METHOD(EstimatedHost,
                 "estimates agree with the nights that follow, within a factor of two") {
    constexpr auto database = "/var/lib/mastobak/staging/database";
    constexpr auto media = "/var/lib/mastobak/staging/media";
    constexpr auto staging = "/var/lib/mastobak/staging", remote = "/mnt/offsite";
    const auto before = estimate();
    start_daemon();
    night();
    const auto& first = before["first"];
    check_close(first["database_bytes"], size_of(database));
    check_close(first["media_bytes"], size_of(media));
    check_close(total(first), size_of(staging));
    check_close(total(first), size_of(remote));
    const auto upload = before["uploads"][0];
    check_close(upload["first_seconds"],
                size_of(remote) / upload["bytes_per_second"].get<double>());

    const auto media_before = size_of(media), remote_before = size_of(remote);
    day_passes();
    night();
    const auto& usual = before["usual"];
    check_close(usual["media_bytes"], size_of(media) - media_before);
    check_close(usual["database_bytes"],
                std::stod(sh("stat -c %s /var/lib/mastobak/staging/sets/*/database.difference")));
    check_close(total(usual), size_of(remote) - remote_before);

    // From now on, past nights are the estimate.
    const auto after = estimate();
    CHECK(after["past_nights"] == 1);
    CHECK(after["first"].is_null());
    CHECK(after["uploads"][0]["first_seconds"].is_null());
    check_close(total(after["usual"]), size_of(remote) - remote_before);
    CHECK(after["usual"]["seconds"] > 0);
    CHECK(sh("mastobak estimate | grep -c 'upload .* in 1.0 s a night'") == "1");
}
