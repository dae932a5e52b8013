// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/privilege.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace mastobak {
namespace {

constexpr std::uint32_t read_search = 1u << CAP_DAC_READ_SEARCH;

/// The capabilities of the calling thread. The C library has no wrapper for capget(2), and libcap
/// would be one more dependency.
struct Capabilities {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};

    bool get() { return ::syscall(SYS_capget, &header, sets.data()) == 0; }
    bool set() { return ::syscall(SYS_capset, &header, sets.data()) == 0; }
};

}  // namespace

ReadAnything::ReadAnything() noexcept {
    Capabilities now;
    if (!now.get() || (now.sets[0].permitted & read_search) == 0) return;
    if ((now.sets[0].effective & read_search) != 0) return;
    now.sets[0].effective |= read_search;
    raised_ = now.set();
}

ReadAnything::~ReadAnything() {
    Capabilities now;
    if (!raised_ || !now.get()) return;
    now.sets[0].effective &= ~read_search;
    now.set();
}

void lower_capabilities() noexcept {
    if (::geteuid() == 0) return;
    static_cast<void>(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    Capabilities now;
    if (!now.get()) return;
    const auto kept = now.sets[0].permitted & read_search;
    now.sets = {};
    now.sets[0].permitted = kept;
    now.set();
}

}  // namespace mastobak
