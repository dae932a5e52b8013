// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/recovery_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>
#include <set>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "offsite/remotes/rclone.hpp"
#include "offsite/remotes/rclone_config.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

bool lies_below(const fs::path& file, const fs::path& directory) {
    return file.lexically_normal().native().starts_with(
        (directory / "").lexically_normal().native());
}

/// Adds what rclone.conf names, such as keys and known hosts.
void add_files_of_rclone(std::set<fs::path>& found, const config::Remote& remote) {
    try {
        const auto dump = offsite::Rclone(remote.rclone_config).dump_config({});
        const auto named = offsite::local_paths(dump, remote.target).files;
        // Programs and certificates of the system come with its packages.
        for (const auto& file : named)
            if (!lies_below(file, "/usr") && !lies_below(file, "/bin") &&
                !lies_below(file, "/etc/ssl"))
                found.insert(file.lexically_normal());
    } catch (const Error& error) {
        // check-config reports a configuration of rclone that cannot be read.
        if (error.code() != Errc::offsite) throw;
    }
}

fs::path directory_of(const config::Config& config) {
    return fs::absolute(config.source).lexically_normal().parent_path();
}

std::set<fs::path> named_files(const config::Config& config) {
    const auto& state = config.state_directory;
    std::set<fs::path> found{fs::absolute(config.source), store::public_key_file(state),
                             config.database.passfile};
    std::error_code error;
    for (fs::directory_iterator it(state / "trusted", error), end; !error && it != end;
         it.increment(error))
        if (it->path().extension() == ".pub") found.insert(it->path());
    for (const auto& remote : config.offsite) {
        if (remote.type == config::RemoteType::rsync) {
            found.insert(remote.identity_file);
            found.insert(remote.known_hosts);
        } else if (remote.type == config::RemoteType::rclone) {
            found.insert(remote.rclone_config);
            add_files_of_rclone(found, remote);
        }
    }
    for (const auto& target : config.notify) found.insert(target.url_file);
    if (config.recovery.age_key.starts_with('/')) found.insert(config.recovery.age_key);
    return found;
}

using Status = struct stat;

/// Returns a time of a file; nullopt when there is no such file.
std::optional<Timestamp> stamp_of(const fs::path& file, timespec Status::*field) {
    Status status{};
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;
    return time_of_file((status.*field).tv_sec, (status.*field).tv_nsec);
}

}  // namespace

RecoveryFiles recovery_files(const config::Config& config) {
    RecoveryFiles all;
    for (const auto& file : named_files(config)) {
        std::error_code ignored;
        if (file.empty() || !fs::is_regular_file(file, ignored)) continue;
        const bool ours =
            lies_below(file, directory_of(config)) || lies_below(file, config.state_directory);
        (ours ? all.files : all.elsewhere).push_back(file.lexically_normal());
    }
    return all;
}

fs::path recovery_file(const config::Config& config) {
    return directory_of(config) / "recovery.age";
}

std::string why_outdated(const config::Config& config, const RecoveryFiles& files) {
    const auto own = recovery_file(config);
    const auto written = stamp_of(own, &Status::st_mtim);
    if (!written) return fmt::format("'{}' is missing", own.native());
    for (const auto& file : files.files)
        if (const auto changed = stamp_of(file, &Status::st_ctim); changed && *changed > *written)
            return fmt::format("'{}' is older than '{}'", own.native(), file.native());
    return {};
}

}  // namespace mastobak::daemon
