// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/make_remote.hpp"

#include "offsite/remotes/directory_remote.hpp"
#include "offsite/remotes/rclone_remote.hpp"
#include "offsite/remotes/rsync_remote.hpp"

namespace mastobak::offsite {

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

}  // namespace mastobak::offsite
