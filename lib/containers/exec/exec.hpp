// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "containers/engine.hpp"
#include "core/process/process.hpp"

namespace mastobak::containers {

/// What becomes of the output of a program.
struct ExecOutput {
    std::function<void(std::span<const std::byte>)> on_output;
    std::function<void(std::string_view)> on_error_line{};  ///< as Command::on_error_line
    std::chrono::milliseconds silence{};                    ///< as Command::silence
};

/// Runs a program in a container and waits for its end. A stop request, an exception of a callback,
/// silence, or an engine that fails ends it.
/// \param body what exec_body() has returned, perhaps elsewhere
/// \return how it has ended. The status of a program that a signal has ended is that of a shell:
///         128 and the signal.
/// Throws Error{units} when the program cannot be started, or its output is not a stream of frames;
/// Error{cancelled}; the exceptions of the callbacks.
Finished run_in_container(const Connection& to, const std::string& id, const std::string& body,
                          const ExecOutput& output);

/// Asks the pg_dump of a container for its version, as on the host: "17.2 (Debian …)".
/// \param name of the container, for messages
/// Throws Error{environment} when the container has no pg_dump that runs; Error{units},
/// Error{cancelled}.
std::string pg_dump_version(const Connection& to, const std::string& id, const std::string& name);

}  // namespace mastobak::containers
