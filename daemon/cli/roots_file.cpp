// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/roots_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "core/led.hpp"

namespace mastobak::daemon {

void check_only_root_writes(const std::filesystem::path& path) {
    struct stat state {};
    const bool ours = owner_on_way(path) == uid_t{0} && ::stat(path.c_str(), &state) == 0 &&
                      (state.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (!ours)
        throw Error(Errc::config,
                    fmt::format("'{}' is not used for containers, because another user than root "
                                "can write it",
                                path.native()),
                    "give it and its directories to root");
}

}  // namespace mastobak::daemon
