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
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/process.hpp"
#include "offsite/remotes/rclone_config.hpp"

namespace mastobak::offsite {

/// One call of rclone: a process each, because its server (`rclone rcd`) grows and cannot be
/// reached over a Unix socket in the version of Debian 12.
struct RcloneCall {
    std::string doing;                   ///< for the message: "list 'media' at the remote 'b2'"
    std::vector<std::string> arguments;  ///< "lsjson", …
    std::function<void(Bytes)> on_sent{};
    std::function<void(std::span<const std::byte>)> on_output{};  ///< instead of keeping it
    std::string input{};                                          ///< for its standard input
    /// Exit statuses that are an answer, besides 0.
    std::vector<int> answers{};
    /// The largest file that the program may write to our disk.
    std::optional<Bytes> largest_file{};
    /// The limit of a call that transfers nothing; a transfer has its own watch.
    std::optional<std::chrono::milliseconds> timeout{};
    /// Files of ours that it reads; it lists the directories that they are in.
    std::vector<std::filesystem::path> reads{};
    /// A directory for its temporary files, which few backends make; empty: it makes none.
    std::filesystem::path temporary{};
};

/// rclone with the admin's configuration, without retries of its own: the queue retries.
class Rclone {
 public:
    /// \param scratch for a copy of the configuration that rclone may write to; empty: no copy, for
    /// a call that reaches no remote
    explicit Rclone(std::filesystem::path config, std::filesystem::path scratch = {})
        : config_(std::move(config)), scratch_(std::move(scratch)) {}

    const std::filesystem::path& config() const { return config_; }

    /// What the calls from now on may reach besides: what the configuration names.
    void allow(LocalPaths paths) { local_ = std::move(paths); }

    /// Throws Error{offsite} with what rclone's log says and a hint, Error{cancelled},
    /// Error{environment} when rclone is not installed.
    Finished run(const RcloneCall& call, std::stop_token stop) const;

 private:
    /// The configuration, if rclone may write to it; else a copy of it in a directory of its own,
    /// made anew when it changes, which keeps what rclone has written: a token that was renewed,
    /// what it found out of a server. It tries for seconds, at each call, to write to one that it
    /// may not write to.
    std::filesystem::path writable_config() const;
    Reach reach(const RcloneCall& call, const std::filesystem::path& config) const;

    std::filesystem::path config_, scratch_;
    LocalPaths local_;
};

}  // namespace mastobak::offsite
