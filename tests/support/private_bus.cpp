// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/private_bus.hpp"

#include <stdexcept>

#include "core/process.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

PrivateBus::PrivateBus() {
    write(directory_ / "bus.conf", R"(<busconfig>
  <listen>)" + address() + R"(</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <deny own="org.mastobak.Forbidden"/>
  </policy>
</busconfig>
)");
    start();
}

PrivateBus::~PrivateBus() {
    stop();
}

std::string PrivateBus::address() const {
    return "unix:path=" + (directory_ / "bus").native();
}

void PrivateBus::stop() {
    if (!daemon_.joinable()) return;
    daemon_.request_stop();
    daemon_.join();
    fs::remove(directory_ / "bus");
}

void PrivateBus::start() {
    const std::string option = "--config-file=" + (directory_ / "bus.conf").native();
    const Command command{.argv = {"dbus-daemon", option, "--nofork", "--nopidfile"}};
    daemon_ = std::jthread([command](std::stop_token stop) {
        try {
            run(command, stop);
        } catch (const Error&) {
            // Asked to stop.
        }
    });
    if (!eventually([this] { return fs::exists(directory_ / "bus"); }))
        throw std::runtime_error("dbus-daemon does not come up");
}

}  // namespace mastobak::test
