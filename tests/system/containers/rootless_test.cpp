// SPDX-License-Identifier: GPL-3.0-or-later
// A night of a Mastodon in rootless podman. See make-rootless-host.
#include <string>

#include "core/json.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

constexpr auto install_rootless = R"sh(
/opt/mastobak/tests/support/instance/make-rootless-host --size 4 --files 60
cp -a /opt/stage/. /
/opt/mastobak/packaging/post-install
PGUSER=postgres psql -XqAt -h 127.0.0.1 -c 'CREATE ROLE mastobak LOGIN' \
    -c 'GRANT pg_read_all_data, pg_read_all_stats TO mastobak'
cat > /etc/mastobak/mastobak.yaml <<YAML
mastodon:
  compose:
    project: mastodon
    socket: /run/user/$(id -u alice)/podman/podman.sock
database: {user: mastobak}
drill: {schedule: never}
YAML
)sh";

// What README says.
constexpr auto let_helper_be_alice = R"sh(
mkdir /etc/systemd/system/mastobak-containers.service.d
cat > /etc/systemd/system/mastobak-containers.service.d/rootless.conf <<UNIT
[Service]
User=alice
ProtectHome=tmpfs
BindPaths=/run/user/$(id -u alice)/podman
UNIT
systemctl daemon-reload
systemctl stop mastobak-containers.service
)sh";

constexpr auto ids = R"(
docker -H unix:///run/user/$(id -u alice)/podman/podman.sock ps -q --no-trunc | sort
)";

}  // namespace

TEST_CASE("a night of containers of a user's podman") {
    const TemporaryDirectory stage;
    const TestHost host(with_build(stage));
    host.sh(install_rootless);
    // Before that, the helper does not reach the socket, and the run says so without a stop.
    const auto refused = host.exec({"mastobak", "check-config"});
    CHECK_FALSE(refused.ok());
    const auto said = refused.output + refused.error_tail;
    CAPTURE(said);
    CHECK(said.find("Permission denied") != std::string::npos);
    CHECK(said.find("rootless podman needs a drop-in") != std::string::npos);
    host.sh(let_helper_be_alice);
    const auto checked = host.exec({"mastobak", "check-config"});
    INFO(checked.output << checked.error_tail);
    REQUIRE(checked.ok());
    const auto before = host.sh(ids);
    host.sh("systemctl start mastobak; mastobak run");

    CHECK(host.sh(ids) == before);
    const auto log = host.sh("journalctl -o cat -u mastobak -u mastobak-containers");
    CAPTURE(log);
    CHECK(log.find("quiet mastodon/sidekiq/1.container after=") != std::string::npos);
    CHECK(log.find("stopped mastodon/web/1.container mastodon/streaming/1.container "
                   "mastodon/sidekiq/1.container") != std::string::npos);
    const auto manifest =
        Json::parse(host.sh("cat /var/lib/mastobak/staging/sets/*/manifest.json"));
    CHECK(manifest["consistent"] == true);
    CHECK(manifest["units"].size() == 3);
    CHECK(manifest["media"]["root"] == "/home/alice/mastodon/public/system");
    CHECK(manifest["warnings"].empty());
}
