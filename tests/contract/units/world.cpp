// SPDX-License-Identifier: GPL-3.0-or-later
#include "world.hpp"

#include <utility>
#include <vector>

#include "bus/connection.hpp"
#include "containers/units_and_containers.hpp"
#include "support/catch.hpp"
#include "support/container_engine.hpp"
#include "support/fake_units.hpp"
#include "support/test_host.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::test {
namespace {

std::string unit_name(const std::string& service, const std::string& number) {
    return service + (number.empty() ? "" : "@" + number) + ".service";
}

/// Perl that stands in for sidekiq.
std::string sidekiq_script() {
    return "$0 = q(" + std::string(sidekiq_title) +
           "); $SIG{TSTP} = sub { $0 .= q( stopping) }; $SIG{TERM} = sub { exit 0 }; "
           "sleep 1 while 1";
}

class Fake final : public World {
 public:
    units::UnitControl& control() override { return control_; }
    std::string describe() const override { return "fake"; }
    std::string name(const std::string& service, const std::string& number) const override {
        return unit_name(service, number);
    }
    std::string pattern(const std::string& service) const override { return service + ".service"; }
    void add_running(const std::string& name, const std::string& part_of) override {
        control_.units[name] = {
            .part_of = part_of,
            .properties = {{"WorkingDirectory", "/srv"},
                           {"Environment", "A=1\nB=two words"},
                           {"EnvironmentFiles", "/srv/a b true\n/srv/*.env true"},
                           {"Id", name}}};
    }
    void add_running_and_wanted(const std::string& name) override { add_running(name, {}); }
    void add_unable_to_start(const std::string& name) override {
        control_.units[name] = {.state = "inactive", .starts_to_fail = 1000};
    }
    void add_running_that_does_not_stop(const std::string& name) override {
        control_.units[name] = {.hangs = true};
    }
    void add_sidekiq(const std::string& name) override {
        control_.units[name] = {.processes = {sidekiq_title}, .fresh_processes = {sidekiq_title}};
    }
    void add_sidekiq_behind_shell(const std::string& name) override {
        control_.units[name] = {.processes = {"/bin/bash -lc sidekiq", sidekiq_title}};
    }

 private:
    FakeUnitControl control_;
};

class Systemd final : public World {
 public:
    units::UnitControl& control() override { return control_; }
    std::string describe() const override { return "systemd"; }
    std::string name(const std::string& service, const std::string& number) const override {
        return unit_name(service, number);
    }
    std::string pattern(const std::string& service) const override { return service + ".service"; }
    void add_running(const std::string& name, const std::string& part_of) override {
        add(name,
            "WorkingDirectory=/srv\nEnvironment=A=1 \"B=two words\"\n"
            "EnvironmentFile=-/srv/a b\nEnvironmentFile=-/srv/*.env\n",
            part_of);
        host_.sh("systemctl start " + name);
    }
    void add_running_and_wanted(const std::string& name) override {
        add(name, {}, {});
        host_.add_unit("wanting.service",
                       "[Unit]\nWants=" + name + "\n[Service]\nExecStart=sleep infinity\n");
        host_.sh("systemctl start wanting");
    }
    void add_unable_to_start(const std::string& name) override {
        host_.add_unit(name, "[Service]\nType=oneshot\nExecStart=false\n");
    }
    void add_running_that_does_not_stop(const std::string& name) override {
        add(name, "ExecStop=sleep infinity\n", {});
        host_.sh("systemctl start " + name);
    }
    void add_sidekiq(const std::string& name) override {
        host_.add_unit(name, "[Service]\nExecStart=perl -e '" + sidekiq() + "'\n");
        host_.sh("systemctl start " + name);
    }
    void add_sidekiq_behind_shell(const std::string& name) override {
        host_.add_unit(
            name, "[Service]\nExecStart=/bin/bash -lc \"perl -e '" + sidekiq() + "'; true\"\n");
        host_.sh("systemctl start " + name);
    }
    ~Systemd() override {
        connection_.close();
        loop.restart();
        loop.run();
    }

 private:
    static std::string sidekiq() {
        std::string script;
        for (const char c : sidekiq_script()) script += c == '$' ? "$$" : std::string(1, c);
        return script;
    }

    void add(const std::string& name, const std::string& more, const std::string& part_of) {
        host_.add_unit(name, "[Unit]\nPartOf=" + part_of +
                                 "\nAfter=no-such.service\n[Service]\nExecStart=sleep infinity\n" +
                                 more);
    }

    TestHost host_;
    bus::Connection connection_{loop, host_.bus_address()};
    units::SystemdControl control_{connection_};
};

/// Containers of a project, controlled beside units: as in the daemon.
class Containers final : public World {
 public:
    explicit Containers(ContainerEngine::Kind kind) : engine_(kind) {}
    units::UnitControl& control() override { return control_; }
    std::string describe() const override {
        return engine_.kind() == ContainerEngine::Kind::docker ? "docker" : "podman";
    }
    std::string name(const std::string& service, const std::string& number) const override {
        return "mastodon/" + service + "/" + (number.empty() ? "1" : number) + ".container";
    }
    std::string pattern(const std::string& service) const override {
        return "mastodon/" + service + "/*.container";
    }
    void add_running(const std::string& name, const std::string&) override {
        engine_.run_container(name, until_stopped(),
                              {"--workdir=/srv", "--env=A=1", "--env=B=two words"});
    }
    void add_running_and_wanted(const std::string& name) override { add_running(name, {}); }
    void add_unable_to_start(const std::string& name) override {
        engine_.create_container(name, {"/no/such/program"});
    }
    void add_running_that_does_not_stop(const std::string& name) override {
        engine_.run_container(name, {"sh", "-c", "trap '' TERM; sleep infinity"},
                              {"--stop-timeout=600"});
    }
    void add_sidekiq(const std::string& name) override {
        engine_.run_container(name, {"perl", "-e", sidekiq_script()});
    }
    void add_sidekiq_behind_shell(const std::string& name) override {
        engine_.run_container(name, {"sh", "-c", "perl -e '" + sidekiq_script() + "'; true"});
    }
    bool has_unit_files() const override { return false; }

 private:
    /// Process 1 of a container ends by a signal only if it handles it.
    static std::vector<std::string> until_stopped() {
        return {"sh", "-c", "trap 'exit 0' TERM; sleep infinity & wait"};
    }

    ContainerEngine engine_;
    FakeUnitControl systemd_;
    containers::UnitsAndContainers control_{systemd_, engine_.socket()};
};

}  // namespace

std::unique_ptr<World> make_world() {
    const int which = GENERATE(0, 1, 2, 3);
    switch (which) {
        case 0:
            return std::make_unique<Fake>();
        case 1:
            return std::make_unique<Systemd>();
        case 2:
            return std::make_unique<Containers>(ContainerEngine::Kind::docker);
        default:
            return std::make_unique<Containers>(ContainerEngine::Kind::podman);
    }
}

}  // namespace mastobak::test
