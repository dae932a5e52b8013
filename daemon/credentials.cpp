// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/credentials.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <set>

#include "core/readable.hpp"
#include "core/shell_word.hpp"

namespace mastobak::daemon {

std::vector<std::string> exposed_credentials(const config::Config& config) {
    std::set<std::filesystem::path> files{config.database.passfile};
    for (const auto& remote : config.offsite)
        files.insert({remote.rclone_config, remote.identity_file});
    for (const auto& target : config.notify) {
        files.insert(target.url_file);
        // The URL, or the password of the proxy.
        if (target.url || target.proxy) files.insert(config.source);
    }
    std::vector<std::string> warnings;
    for (const auto& file : files) {
        struct stat status {};
        if (file.empty() || ::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) == 0)
            continue;
        const auto name = readable(file.native());
        warnings.push_back(
            fmt::format("other users than the daemon's can read the credentials in '{0}'; "
                        "hint: chown mastobak: {1} && chmod 0600 {1}",
                        name, shell_word(file.native())));
    }
    return warnings;
}

}  // namespace mastobak::daemon
