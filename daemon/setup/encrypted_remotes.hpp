// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "core/process/accounts.hpp"
#include "daemon/setup/answers.hpp"

/// mastobak does not encrypt the copies by itself: a crypt remote of rclone does. Setup makes one.
namespace mastobak::daemon {

/// New sections of rclone.conf.
struct RcloneChange {
    std::filesystem::path file{};  ///< rclone.conf
    std::string before{};          ///< its contents
    std::string added{};           ///< the sections, which follow; empty: there is no change
    std::string shown{};           ///< the same sections without their passwords
    /// A file with the contents of before and the sections, which the daemon's user can read.
    std::filesystem::path candidate{};
};

/// Replaces each answer that names a place of rclone without encryption by a crypt remote of that
/// place, if `answers.encrypt` says so or the user agrees: by the crypt remote that rclone.conf has
/// for that place, or else by a new one, NAME-crypt, with random passwords. Writes nothing outside
/// of the scratch directory.
/// \param config  the configuration without the answers
/// \param may_ask whether the user can be asked
/// \param scratch an empty directory for the candidate
/// \param user    the daemon's user
/// Throws Error{usage} when an option contradicts a remote; Error{offsite} when rclone does not list
/// its remotes; Error{environment} when the sections cannot be added to rclone.conf.
RcloneChange encrypt_remotes(SetupAnswers& answers, const config::Config& config, bool may_ask,
                             const std::filesystem::path& scratch, const Account& user);

/// Adds the sections to rclone.conf, which then belongs to the daemon's user and has mode 0600. The
/// file is replaced atomically.
/// Throws Error{environment} when the file was changed in the meantime.
void write_change(const RcloneChange& change, const Account& user);

}  // namespace mastobak::daemon
