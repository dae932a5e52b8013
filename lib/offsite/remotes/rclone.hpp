// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/process/process.hpp"
#include "offsite/remotes/rclone_config.hpp"

namespace mastobak::offsite {

/// One call of rclone. Each call is a process, because rclone's server (`rclone rcd`) grows over
/// time, and in the version of Debian 12 it cannot listen on a Unix socket.
struct RcloneCall {
    std::string doing;                   ///< used in messages: "list 'media' at the remote 'b2'"
    std::vector<std::string> arguments;  ///< "lsjson", …
    std::function<void(Bytes)> on_sent{};
    /// Receives the output. When empty, the result has the output.
    std::function<void(std::span<const std::byte>)> on_output{};
    std::string input{};  ///< standard input
    /// Exit statuses besides 0 that are not errors.
    std::vector<int> answers{};
    /// The largest file that the program may write to our disk.
    std::optional<Bytes> largest_file{};
    /// Time limit of a call that transfers no object; transfers are watched by StallWatch.
    std::optional<std::chrono::milliseconds> timeout{};
    /// Limit of the time without output.
    std::optional<std::chrono::milliseconds> silence{};
    /// Local files that rclone reads. It also lists their directories.
    std::vector<std::filesystem::path> reads{};
    /// A directory for temporary files, which few backends need; empty when rclone makes none.
    std::filesystem::path temporary{};
};

/// Runs rclone with the admin's configuration and without rclone's retries, because the queue
/// retries.
///
/// The configuration decides which programs rclone runs (bearer_token_command, ssh) and which files
/// of this host it writes. So in a process of root, rclone runs as the user who can change the
/// configuration.
class Rclone {
 public:
    /// \param scratch directory for a writable copy of the configuration; empty for calls that
    ///        access no remote, which need no copy
    explicit Rclone(std::filesystem::path config, std::filesystem::path scratch = {})
        : config_(std::move(config)), scratch_(std::move(scratch)) {}

    const std::filesystem::path& config() const { return config_; }

    /// Permits later calls to access these paths, which the configuration names.
    void allow(LocalPaths paths) { local_ = std::move(paths); }

    /// Throws Error{offsite} with the error from rclone's log and a hint, Error{cancelled},
    /// Error{environment} when rclone is not installed, or when the owner of its configuration is
    /// not a user of this host.
    Finished run(const RcloneCall& call, std::stop_token stop) const;

    /// Returns the configuration as JSON (`rclone config dump`). Throws as run() does.
    std::string dump_config(std::stop_token stop) const;

 private:
    Finished run_here(const RcloneCall& call, std::stop_token stop) const;
    /// Returns the directory for the copy of the configuration.
    std::filesystem::path place_of_copy() const;
    /// Returns the path of the configuration if rclone may write to it. Otherwise returns a copy in
    /// a separate directory, because rclone tries for seconds, in each call, to write to a
    /// configuration that is read-only. The copy is renewed when the configuration changes; until
    /// then it keeps what rclone wrote to it, such as a renewed token.
    std::filesystem::path writable_config() const;
    Reach reach(const RcloneCall& call, const std::filesystem::path& config) const;

    std::filesystem::path config_, scratch_;
    LocalPaths local_;
};

/// Reads rclone's standard error with --use-json-log: the statistics and the reason of a failure.
/// Even with that option, rclone's last lines can be plain text.
class RcloneLog {
 public:
    /// \param on_sent called with the bytes sent so far, once a second
    explicit RcloneLog(std::function<void(Bytes)> on_sent = {}) : on_sent_(std::move(on_sent)) {}

    void take(std::string_view line);
    /// Returns why rclone failed, on one line; empty when rclone gave no reason.
    std::string failure() const;

 private:
    std::function<void(Bytes)> on_sent_;
    std::string first_error_;
    std::string last_error_;
    std::string last_words_;
};

}  // namespace mastobak::offsite
