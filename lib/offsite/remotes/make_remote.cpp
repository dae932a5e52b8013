// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/make_remote.hpp"

#include <fmt/format.h>

#include "offsite/remotes/directory_remote.hpp"
#include "offsite/remotes/rclone.hpp"
#include "offsite/remotes/rclone_config.hpp"
#include "offsite/remotes/rclone_remote.hpp"
#include "offsite/remotes/rsync_remote.hpp"

namespace mastobak::offsite {
namespace {

bool is_plain(const config::Remote& entry, const std::stop_token& stop) {
    if (entry.type != config::RemoteType::rclone) return true;
    return leads_to_plain(Rclone(entry.rclone_config).dump_config(stop), entry.target);
}

}  // namespace

std::unique_ptr<Remote> make_remote(const config::Remote& entry,
                                    const std::filesystem::path& scratch) {
    switch (entry.type) {
        case config::RemoteType::rclone:
            return std::make_unique<RcloneRemote>(entry, scratch);
        case config::RemoteType::rsync:
            return std::make_unique<RsyncRemote>(entry, scratch);
        case config::RemoteType::directory:
            break;
    }
    return std::make_unique<DirectoryRemote>(entry);
}

std::optional<std::string> plain_warning(const config::Remote& entry, const std::stop_token& stop) {
    if (entry.plain || !is_plain(entry, stop)) return std::nullopt;
    return fmt::format(
        "'{}' gets all secrets of the instance unencrypted; hint: put a crypt remote of rclone in "
        "front of it, or confirm that this is intended with `plain: true`",
        entry.name);
}

}  // namespace mastobak::offsite
