// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/installed_host.hpp"

#include <memory>
#include <sstream>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/slow_pg_dump.hpp"

namespace mastobak::test {
namespace {

constexpr auto set_up = R"(
set -euo pipefail
source=/opt/mastobak
$source/tests/support/testhost/pg-fast.sh
export PGHOST=/run/postgresql PGUSER=postgres
psql -X -q -c 'CREATE ROLE mastodon LOGIN CREATEDB'
$source/tests/support/instance/make-instance /home/mastodon/live --owner mastodon --user mastodon \
    --size 4 --files 60 --units
chmod 750 /home/mastodon
systemctl start mastodon-web mastodon-sidekiq mastodon-streaming mastodon-streaming@4001
cp -a /opt/stage/. /
$source/packaging/post-install
mastobak setup
install -d -o mastobak -g mastobak /mnt/offsite
install -d /etc/systemd/system/mastobak.service.d
printf '[Service]\nReadWritePaths=/mnt/offsite\n' > /etc/systemd/system/mastobak.service.d/offsite.conf
systemctl daemon-reload
cat >> /etc/mastobak/mastobak.yaml <<YAML
offsite:
  - name: disk
    type: directory
    target: /mnt/offsite
YAML
)";

constexpr auto use_slow_pg_dump = R"(
sed -i 's|^database:|database:\n  bin_directory: /opt/slow|' /etc/mastobak/mastobak.yaml
systemctl is-active -q mastobak && systemctl reload mastobak
)";

}  // namespace

InstalledHost::InstalledHost() {
    host_ = std::make_unique<TestHost>(with_build(stage_));
    sh(set_up);
}

int InstalledHost::mastobak(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "mastobak");
    const auto finished = exec(std::move(arguments));
    // Catch2 prints this message if the next assertion fails.
    UNSCOPED_INFO(finished.output << finished.error_tail);
    return finished.exit_status;
}

void InstalledHost::start_daemon() const {
    sh("systemctl start mastobak");
}

bool InstalledHost::eventually(const std::string& script) const {
    return test::eventually(
        [&] {
            return exec({"bash", "-c", script}).ok();
        },
        std::chrono::seconds(90));
}

void InstalledHost::hold_dump() const {
    sh(std::string("set -euo pipefail") + make_slow_pg_dump + use_slow_pg_dump);
}

void InstalledHost::release_dump() const {
    sh("rm -rf /run/held");
}

bool InstalledHost::mastodon_runs() const {
    return eventually(
        "systemctl is-active -q mastodon-web && systemctl is-active -q mastodon-sidekiq && "
        "systemctl is-active -q mastodon-streaming@4000 && "
        "systemctl is-active -q mastodon-streaming@4001");
}

std::vector<std::string> InstalledHost::sets() const {
    std::istringstream in(sh("ls /var/lib/mastobak/staging/sets 2>/dev/null || true"));
    std::vector<std::string> names;
    for (std::string name; in >> name;) names.push_back(name);
    return names;
}

bool InstalledHost::leftovers() const {
    return !sh("ls -A /var/lib/mastobak/staging/partial").empty();
}

}  // namespace mastobak::test
