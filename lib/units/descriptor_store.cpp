// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/descriptor_store.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"

namespace mastobak::units {
namespace {

constexpr std::uint64_t patience_usec = 5'000'000;

void must(int result) {
    if (result > 0) return;
    throw Error(
        Errc::units,
        "hand a descriptor to systemd: " +
            (result == 0 ? "it does not listen" : errno_error(Errc::units, "send", -result).text()),
        "only mastobak.service can do this");
}

}  // namespace

std::vector<StoredDescriptor> take_stored_descriptors() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    std::vector<StoredDescriptor> stored;
    for (int i = 0; i < count; ++i) {
        stored.push_back({names[i], UniqueFd(SD_LISTEN_FDS_START + i)});
        std::free(names[i]);
    }
    std::free(names);
    return stored;
}

void store_descriptor(int fd, const std::string& name) {
    must(sd_pid_notify_with_fds(0, 0, ("FDSTORE=1\nFDNAME=" + name).c_str(), &fd, 1));
    // systemd ignores a message whose sender has ended before it is read.
    must(sd_notify_barrier(0, patience_usec));
}

void forget_descriptor(const std::string& name) {
    sd_notify(0, ("FDSTOREREMOVE=1\nFDNAME=" + name).c_str());
}

}  // namespace mastobak::units
