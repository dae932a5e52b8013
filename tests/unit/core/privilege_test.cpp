// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/privilege.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "core/files/unique_fd.hpp"
#include "support/catch.hpp"

using namespace mastobak;

namespace {

/// Becomes like the daemon after its start: not root, with the capability permitted and effective.
bool become_daemon() {
    if (::prctl(PR_SET_KEEPCAPS, 1) != 0 || ::setresuid(65534, 65534, 65534) != 0) return false;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    data[0].effective = data[0].permitted = data[0].inheritable = 1u << CAP_DAC_READ_SEARCH;
    return ::syscall(SYS_capset, &header, data.data()) == 0;
}

bool can_read() {
    return UniqueFd(::open("/etc/shadow", O_RDONLY | O_CLOEXEC)).get() >= 0;
}

/// \return 0, or the number of the check that failed
int checks() {
    if (!become_daemon() || !can_read()) return 1;
    lower_capabilities();
    if (can_read()) return 2;
    {
        const ReadAnything raised;
        if (!can_read()) return 3;
        { const ReadAnything again; }
        if (!can_read()) return 4;
        bool inherited = false;
        std::thread([&inherited] { inherited = can_read(); }).join();
        if (!inherited) return 5;
        // A child process does not get the capability.
        if (std::system("cat /etc/shadow >/dev/null 2>&1") == 0) return 6;
    }
    if (can_read()) return 7;
    bool other = true;
    std::thread([&other] { other = can_read(); }).join();
    return other ? 8 : 0;
}

}  // namespace

TEST_CASE("what belongs to others is read by the threads that ask for it, and no children") {
    if (::geteuid() != 0) return;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(checks());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
}
