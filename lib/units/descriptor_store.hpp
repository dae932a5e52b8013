// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/unique_fd.hpp"

/// Descriptors that systemd keeps open for our unit while it is restarted, and gives to the next
/// main process. It closes them when the unit is stopped. Source: sd_pid_notify_with_fds(3).
namespace mastobak::units {

struct StoredDescriptor {
    std::string name;
    UniqueFd fd;
};

/// What systemd has kept; nothing where it is not our parent. Once in a process, before there are
/// threads: it takes the variables out of the environment.
std::vector<StoredDescriptor> take_stored_descriptors();

/// Returns once systemd has taken a copy of it, or has refused it: unit file and systemd say how
/// many there may be (FileDescriptorStoreMax=) and who may send one (NotifyAccess=).
/// \param name without ':' and control characters
/// Throws Error{units} when systemd does not listen.
void store_descriptor(int fd, const std::string& name);

/// The next process does not get it.
void forget_descriptor(const std::string& name);

}  // namespace mastobak::units
