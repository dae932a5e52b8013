// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose_host.hpp"

#include <chrono>

#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {
namespace {

constexpr auto install = R"(
cp -a /opt/stage/. /
/opt/mastobak/packaging/post-install
install -d -o mastobak -g mastobak /mnt/offsite /etc/systemd/system/mastobak.service.d
printf '[Service]\nReadWritePaths=/mnt/offsite\n' > /etc/systemd/system/mastobak.service.d/offsite.conf
systemctl daemon-reload
)";

constexpr auto set_up = R"(
mastobak setup --yes --remote /mnt/offsite >/root/setup.txt 2>&1 </dev/null || { cat /root/setup.txt >&2; exit 1; }
echo 'drill: {schedule: never}' >> /etc/mastobak/mastobak.yaml
)";

constexpr std::chrono::seconds patience{30};

}  // namespace

ComposeHost::ComposeHost(State state, const std::string& options_of_host) {
    host_ = std::make_unique<TestHost>(with_build(stage_));
    sh("/opt/mastobak/tests/support/instance/make-compose-host " + options_of_host +
       " --size 4 --files 60");
    sh(install);
    if (state == State::configured) sh(set_up);
}

int ComposeHost::status_of(const std::string& script) const {
    const auto finished = host_->exec({"bash", "-c", script});
    UNSCOPED_INFO(finished.output << finished.error_tail);
    return finished.exit_status;
}

std::string ComposeHost::told(const std::string& command) const {
    return sh("status=0; timeout 120 " + command + " 2>&1 </dev/null || status=$?; echo $status");
}

bool ComposeHost::eventually(const std::string& script) const {
    return test::eventually([&] { return host_->exec({"bash", "-c", script}).ok(); }, patience);
}

std::string ComposeHost::only_set() const {
    auto sets = sh("ls -d /var/lib/mastobak/staging/sets/*");
    REQUIRE(sets.find('\n') == std::string::npos);
    return sets;
}

std::string ComposeHost::running_now() const {
    return sh("docker ps --format '{{.Names}}' | sed 's/^mastodon-//' | sort | paste -sd ' '");
}

bool ComposeHost::runs_again() const {
    return test::eventually([&] { return running_now() == running; }, patience);
}

bool ComposeHost::all_stopped() const {
    return test::eventually([&] { return running_now() == "db-1"; }, patience);
}

}  // namespace mastobak::test
