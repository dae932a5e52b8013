// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/files/unique_fd.hpp"

/// File descriptors that systemd keeps open for our unit while the unit is restarted. systemd
/// passes them to the next main process, and closes them when the unit is stopped.
/// Source: sd_pid_notify_with_fds(3).
namespace mastobak::units {

/// A descriptor that systemd has kept, with the name under which it was stored.
struct StoredDescriptor {
    std::string name;
    UniqueFd fd;
};

/// Returns the descriptors that systemd has kept; none when systemd has not started this process.
/// Call it once in a process, before there are threads, because it removes variables from the
/// environment.
std::vector<StoredDescriptor> take_stored_descriptors();

/// Stores a descriptor in systemd. Returns when systemd has taken a copy of it or refused it. The
/// unit file limits how many descriptors there may be (FileDescriptorStoreMax=) and which processes
/// may send one (NotifyAccess=).
/// \param name without ':' and control characters
/// Throws Error{units} when systemd does not listen.
void store_descriptor(int fd, const std::string& name);

/// Removes a stored descriptor, so that the next process does not get it.
void forget_descriptor(const std::string& name);

}  // namespace mastobak::units
