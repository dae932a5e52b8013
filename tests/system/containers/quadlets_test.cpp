// SPDX-License-Identifier: GPL-3.0-or-later
// A night of a Mastodon whose containers are units of systemd. See make-quadlet-host.
#include <sstream>
#include <string>

#include "core/json.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

constexpr auto install_quadlets = R"(
/opt/mastobak/tests/support/instance/make-quadlet-host --size 4 --files 60
cp -a /opt/stage/. /
/opt/mastobak/packaging/post-install
PGUSER=postgres psql -XqAt -h /run/postgresql -c 'CREATE ROLE mastobak LOGIN' \
    -c 'GRANT pg_read_all_data, pg_read_all_stats TO mastobak'
cat > /etc/mastobak/mastobak.yaml <<YAML
mastodon: {directory: /srv/mastodon}
database: {user: mastobak}
drill: {schedule: never}
YAML
)";

/// The units, with the process that each container runs; a process gets a new number when it is
/// started anew.
constexpr auto processes = R"sh(
for unit in mastodon-web mastodon-streaming mastodon-sidekiq; do
    echo "$unit $(systemctl is-active $unit) $(systemctl show -P MainPID $unit)"
done
)sh";

}  // namespace

TEST_CASE("a night of containers that are units of systemd") {
    const TemporaryDirectory stage;
    const TestHost host(with_build(stage));
    host.sh(install_quadlets);
    const auto before = host.sh(processes);
    CAPTURE(before);
    REQUIRE(host.sh("podman ps --format '{{.Names}}' | sort | paste -sd ' '") ==
            "systemd-mastodon-sidekiq systemd-mastodon-streaming systemd-mastodon-web");
    REQUIRE(host.sh("mastobak check-config 2>&1 || echo failed").find("failed") ==
            std::string::npos);
    host.sh("systemctl start mastobak; mastobak run");

    const auto log = host.sh("journalctl -o cat -u mastobak");
    CAPTURE(log);
    // sidekiq is behind tini and beside conmon; it was asked to take no new jobs, and did.
    CHECK(log.find("quiet mastodon-sidekiq.service after=") != std::string::npos);
    CHECK(log.find("did not confirm") == std::string::npos);
    const auto manifest =
        Json::parse(host.sh("cat /var/lib/mastobak/staging/sets/*/manifest.json"));
    CAPTURE(manifest.dump(1));
    CHECK(manifest["consistent"] == true);
    CHECK(manifest["units"].size() == 3);
    CHECK(manifest["media"]["files"] ==
          std::stoi(host.sh("cd /srv/mastodon/public/system && find . -path ./cache -prune -o "
                            "-type f -print | wc -l")));
    // All have been stopped, and run again.
    const auto after = host.sh(processes);
    CAPTURE(after);
    CHECK(host.sh("podman ps --format '{{.Names}}' | wc -l") == "3");
    CHECK(after.find("inactive") == std::string::npos);
    CHECK(after.find("failed") == std::string::npos);
    std::istringstream then(before);
    std::istringstream now(after);
    for (std::string line_then, line_now; std::getline(then, line_then);) {
        REQUIRE(std::getline(now, line_now));
        CHECK(line_then != line_now);
    }
}
