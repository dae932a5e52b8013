// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace mastobak::containers {

/// A program to run in a container.
struct Program {
    std::vector<std::string> argv;
    std::vector<std::string> environment{};  ///< "NAME=value"; the place for secrets
    std::string user = "65534:65534";        ///< by default the one who has no rights
};

/// Returns whether a text has no control characters, and at most `longest` bytes.
bool is_plain(std::string_view text, std::size_t longest);

/// Returns whether a text is an absolute path without control characters and "..", and of at most
/// 200 bytes.
bool is_plain_path(std::string_view text);

/// Returns the body of a request that makes an exec of a program. A shell in the container reports
/// its process id first in the output, by which ending_body() ends it: the API of an engine cannot
/// end an exec.
std::string exec_body(const Program& program);

/// Returns the words of the command in the body of such a request, which is untrusted input and an
/// object. What is not a string is left out.
std::vector<std::string> words_of(const Json& body);

/// Returns the environment in the body of such a request, as words_of() does.
std::map<std::string, std::string> variables_of(const Json& body);

/// Returns the program by which a signal reaches the first process of a container, if that has a
/// handler for it.
/// \param signal without SIG: "TSTP"
std::vector<std::string> signal_first_command(const std::string& signal);

/// Returns the body of a request that makes an exec which ends a program by SIGTERM.
/// \param process as the program itself has reported it
std::string ending_body(std::uint32_t process);

}  // namespace mastobak::containers
