// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/private_bus.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>

#include "core/files/unique_fd.hpp"
#include "core/process/process.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

/// Returns whether the bus accepts connections. Its socket exists a moment before it listens.
bool listens(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const void* generic = &address;
    return ::connect(fd.get(), static_cast<const sockaddr*>(generic), sizeof address) == 0;
}

}  // namespace

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
            // stop() has ended the daemon.
        }
    });
    if (!eventually([this] { return listens(directory_ / "bus"); }))
        throw std::runtime_error("dbus-daemon does not come up");
}

}  // namespace mastobak::test
