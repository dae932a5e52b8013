// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/reach.hpp"

namespace mastobak {

/// A program to run: no shell, and nothing of our own environment but PATH, HOME, LANG and TZ.
struct Command {
    std::vector<std::string> argv;                     ///< argv[0] is searched for in PATH
    std::map<std::string, std::string> environment{};  ///< on top of that; the place for secrets
    /// Called with each block of standard output; without it the output is kept in Finished.
    std::function<void(std::span<const std::byte>)> on_output{};
    /// Called with each line of standard error, without its end; the last lines are kept anyway.
    std::function<void(std::string_view)> on_error_line{};
    /// Fills a block of standard input and returns how much; 0 ends it. Without it: /dev/null.
    std::function<std::size_t(std::span<std::byte>)> input{};
    std::optional<std::chrono::milliseconds> timeout{};  ///< of the whole run
    std::optional<std::chrono::milliseconds> silence{};  ///< the longest time without output
    int stop_signal = SIGTERM;                           ///< asks it to end
    std::chrono::milliseconds kill_after{5000};          ///< between that and SIGKILL
    int nice = 0;
    /// The longest file that it may write: a program that a stranger's server feeds writes what
    /// that sends. Beyond it write(2) fails with EFBIG. Empty: no limit of ours.
    std::optional<Bytes> largest_file{};
    /// What it can reach. Empty: whatever its user can, for programs that get nothing from others.
    std::optional<Reach> reach{};
};

/// How a program ended.
struct Finished {
    int exit_status = -1;     ///< of exit(3); -1 if a signal ended it
    int signal = 0;           ///< that ended it, or 0
    bool timed_out = false;   ///< by either limit
    bool was_silent = false;  ///< by that of silence
    std::string output;       ///< standard output where no callback took it
    std::string error_tail;   ///< the last 4 KiB of standard error

    bool ok() const { return exit_status == 0; }
    /// "exit status 1: last line of standard error", "killed by signal 9", "no end within 10 s"
    std::string reason() const;
};

/// Runs a program to its end; blocks, so call it through async::run_blocking.
///
/// The child is in a session of its own, without a terminal, dies with the thread that started it,
/// and is ended (stop_signal, then SIGKILL, to the whole group) by a stop request, the timeout, or
/// an exception out of one of the callbacks, which is then passed on. Throws Error{environment}
/// when it cannot be started or writes more than 16 MiB of output that no callback takes,
/// Error{cancelled} when asked to stop.
Finished run(const Command& command, std::stop_token stop = {});

/// Where a program is in PATH, if it is.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace mastobak
