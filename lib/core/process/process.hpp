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
#include "core/process/reach.hpp"

namespace mastobak {

/// A program to run, without a shell. It inherits only PATH, HOME, LANG and TZ of the environment, and
/// the proxies if it asks for them.
struct Command {
    std::vector<std::string> argv;                     ///< argv[0] is searched for in PATH
    std::map<std::string, std::string> environment{};  ///< further variables; the place for secrets
    /// Whether it inherits http_proxy, https_proxy, all_proxy, no_proxy and their upper-case forms, by
    /// which an admin names the proxy of this network in a drop-in of the unit.
    bool proxies = false;
    /// Called with each block of standard output. When empty, Finished::output has the output.
    std::function<void(std::span<const std::byte>)> on_output{};
    /// Called with each line of standard error, without its line break. A line may lack its
    /// beginning when it is longer than 4 KiB. Finished::error_tail has the last lines in any case.
    std::function<void(std::string_view)> on_error_line{};
    /// Fills a block of standard input and returns the number of bytes; 0 ends the input. When
    /// empty, standard input is /dev/null.
    std::function<std::size_t(std::span<std::byte>)> input{};
    std::optional<std::chrono::milliseconds> timeout{};  ///< limit of the whole run
    std::optional<std::chrono::milliseconds> silence{};  ///< limit of the time without output
    int stop_signal = SIGTERM;                           ///< signal that requests its end
    std::chrono::milliseconds kill_after{5000};          ///< time between stop_signal and SIGKILL
    int nice = 0;                                        ///< nice value, see setpriority(2)
    /// The size limit of each file that the program writes; beyond it, write(2) fails with EFBIG.
    /// For programs that store data of a remote server. When empty, mastobak sets no limit.
    std::optional<Bytes> largest_file{};
    /// Confines the program. When empty, it can reach everything that its user can; only for
    /// programs that handle no data of others.
    std::optional<Reach> reach{};
};

/// How a program ended.
struct Finished {
    int exit_status = -1;     ///< the argument of exit(3); -1 if a signal ended the program
    int signal = 0;           ///< the signal that ended the program, or 0
    bool timed_out = false;   ///< the timeout or the limit of silence ended it
    bool was_silent = false;  ///< the limit of silence ended it
    std::string output;       ///< standard output, when there is no on_output
    std::string error_tail;   ///< the last 4 KiB of standard error

    bool ok() const { return exit_status == 0; }
    /// Returns how the program ended, followed by the last line of standard error: "exit status 1:
    /// …", "killed by signal 9: …", "no end within its time limit", "no output for too long".
    std::string reason() const;
};

/// Runs a program and waits for its end. Blocks, so call it through async::run_blocking.
///
/// The callbacks are called in the caller's thread. The child has its own session, without a
/// terminal, and is killed when the thread that started it ends. A stop request, the timeout, the
/// limit of silence or an exception of a callback ends its whole process group, with stop_signal
/// and, after kill_after, SIGKILL. A timeout is not an exception: see Finished::timed_out.
/// Throws Error{environment} when the program cannot be started, or writes more than 16 MiB of
/// output without on_output; Error{cancelled} after a stop request; the exceptions of callbacks.
Finished run(const Command& command, std::stop_token stop = {});

/// Returns the path of a program in PATH; nullopt when it is not found. A name with a slash is
/// returned unchanged, even when there is no such file.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace mastobak
