// SPDX-License-Identifier: GPL-3.0-or-later
#include "instance_on_host.hpp"

#include <fmt/format.h>

#include <sstream>

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

constexpr auto make_units = R"(
for unit in {0}/tests/support/instance/units/*.service; do
    sed -e 's|@DIRECTORY@|{1}/live|' -e 's|@USER@|root|' $unit \
        >$ROOTFS/etc/systemd/system/${{unit##*/}}
done
cp $ROOTFS/etc/systemd/system/mastodon-sidekiq{{,-mailers}}.service
)";

class Units final : public InstanceOnHost {
 public:
    void prepare(TestHostOptions& options, const fs::path& directory) const override {
        options.setup += fmt::format(make_units, SOURCE_DIR, directory.native());
    }
    void make(const TestHost&, const fs::path&) const override {}
    std::string settings(const fs::path& directory) const override {
        return "directory: " + (directory / "live").native();
    }
    void start(const TestHost& host) const override {
        host.sh(
            "systemctl start mastodon-web mastodon-sidekiq mastodon-streaming "
            "mastodon-streaming@4001");
    }
    std::set<std::string> active(const TestHost& host) const override {
        std::istringstream lines(host.sh(
            "systemctl list-units --plain --no-legend --state=active 'mastodon-*.service'"));
        std::set<std::string> names;
        for (std::string line; std::getline(lines, line);)
            names.insert(line.substr(0, line.find(' ')));
        return names;
    }
    bool is_quiet(const TestHost& host) const override {
        return host
            .exec({"bash", "-c",
                   "grep -q stopping /proc/$(systemctl show -P MainPID mastodon-sidekiq)/cmdline"})
            .ok();
    }
    bool survives_boot() const override { return false; }
};

// The helper runs as mastobak-containers.service does, but without its sandbox, in which the
// directories of the test are not visible. Root connects to it here.
constexpr auto make_helper = R"(
grep -q '^mastobak:' $ROOTFS/etc/passwd || {{
    echo 'mastobak:x:990:990::/:/usr/sbin/nologin' >>$ROOTFS/etc/passwd
    echo 'mastobak:x:990:' >>$ROOTFS/etc/group
}}
cp {0}/systemd/mastobak-containers.socket $ROOTFS/etc/systemd/system/
cat >$ROOTFS/etc/systemd/system/mastobak-containers.service <<UNIT
[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/opt/daemon/mastobak containers-helper --config {1}/mastobak.yaml
UNIT
)";

class Containers final : public InstanceOnHost {
 public:
    void prepare(TestHostOptions& options, const fs::path& directory) const override {
        options.setup += fmt::format(make_helper, SOURCE_DIR, directory.native());
        options.enable.emplace_back("mastobak-containers.socket");
        options.bind_read_only.push_back(SOURCE_DIR "/tests:/opt/tests");
    }
    void make(const TestHost& host, const fs::path& directory) const override {
        host.sh("/opt/tests/system/never_left_down/make-containers " +
                (directory / "live").native());
    }
    std::string settings(const fs::path&) const override { return "compose: {project: mastodon}"; }
    void start(const TestHost& host) const override {
        host.sh(
            "docker start mastodon-web-1 mastodon-streaming-1 mastodon-sidekiq-1 "
            "mastodon-sidekiq-2");
    }
    std::set<std::string> active(const TestHost& host) const override {
        std::istringstream lines(host.sh(R"(
docker ps --filter label=com.docker.compose.project=mastodon --format \
    'mastodon/{{.Label "com.docker.compose.service"}}/{{.Label "com.docker.compose.container-number"}}.container')"));
        std::set<std::string> names;
        for (std::string line; std::getline(lines, line);) names.insert(line);
        return names;
    }
    bool is_quiet(const TestHost& host) const override {
        return host
            .exec({"bash", "-c",
                   "for n in 1 2; do docker top mastodon-sidekiq-$n -eo pid,args; done | grep -q "
                   "stopping"})
            .ok();
    }
    bool survives_boot() const override { return true; }
};

}  // namespace

std::unique_ptr<InstanceOnHost> in_units() {
    return std::make_unique<Units>();
}

std::unique_ptr<InstanceOnHost> in_containers() {
    return std::make_unique<Containers>();
}

}  // namespace mastobak::test
