// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "containers/engine.hpp"

/// Requests to a container engine. Internal to containers/.
namespace mastobak::containers {

inline constexpr int ok = 200, created = 201, no_content = 204, not_modified = 304, forbidden = 403,
                     not_found = 404, conflict = 409;

/// Sends a request and returns its answer.
/// \param body  nullopt: GET, else POST
/// \param limit of the whole request
/// Throws Error{units}, also when the helper refuses it; Error{cancelled}.
http::Answer ask_engine(const Connection& to, std::string target, std::optional<std::string> body,
                        std::chrono::milliseconds limit);
/// Sends POST, and passes the body of an answer with status 200 on.
/// \param silence limit of the time without data
/// \return nullopt when the engine was silent for that long
/// Throws as ask_engine() does, and the exceptions of on_block.
std::optional<http::Answer> stream_from_engine(const Connection& to, std::string target,
                                               std::string body, const http::OnBlock& on_block,
                                               std::chrono::milliseconds silence);
http::Answer get(const Connection& to, std::string target);
/// Sends DELETE. Throws as ask_engine() does.
http::Answer remove(const Connection& to, std::string target);

/// Throws Error{units} for an answer with another status than those that a call knows.
[[noreturn]] void unexpected(std::string_view doing, const http::Answer& answer);
Outcome outcome_of(const http::Answer& answer);

}  // namespace mastobak::containers
