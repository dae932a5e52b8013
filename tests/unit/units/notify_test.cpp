// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "core/files/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
namespace notify = mastobak::units::notify;

namespace {

/// The receiver of NOTIFY_SOCKET, like systemd.
class Listener {
 public:
    Listener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto path = (directory_ / "notify").native();
        REQUIRE(path.size() < sizeof address.sun_path);
        std::memcpy(address.sun_path, path.data(), path.size());
        const void* generic = &address;
        REQUIRE(::bind(socket_.get(), static_cast<const sockaddr*>(generic), sizeof address) == 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~Listener() { ::unsetenv("NOTIFY_SOCKET"); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::string next() {
        std::string text(4096, '\0');
        const auto n = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    }

 private:
    test::TemporaryDirectory directory_;
    UniqueFd socket_;
};

}  // namespace

TEST_CASE("systemd is told in its own words") {
    Listener systemd;
    notify::ready();
    CHECK(systemd.next() == "READY=1");
    notify::status("two\nlines");
    CHECK(systemd.next() == "STATUS=two\\x0alines");
    notify::extend_timeout(std::chrono::seconds(90));
    CHECK(systemd.next() == "EXTEND_TIMEOUT_USEC=90000000");
    notify::watchdog();
    CHECK(systemd.next() == "WATCHDOG=1");
    notify::stopping();
    CHECK(systemd.next() == "STOPPING=1");
    notify::reloading();
    CHECK(systemd.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
}

TEST_CASE("nothing happens where systemd does not listen") {
    ::unsetenv("NOTIFY_SOCKET");
    notify::ready();
    notify::status("x");
}

TEST_CASE("the watchdog is served twice as often as it has to be") {
    CHECK(notify::watchdog_interval() == std::nullopt);
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    CHECK(notify::watchdog_interval() == std::chrono::microseconds(1'500'000));
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
}
