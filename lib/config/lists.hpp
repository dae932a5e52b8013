// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/reading.hpp"

/// Readers of lists, and of the names in them.
namespace mastobak::config {

/// Reads a list of names and patterns of units; it may be empty. check() decides whether an empty
/// list is valid.
Reader unit_patterns(std::vector<std::string>& out);
/// Reads the name of a project of Docker Compose.
Reader project_name(std::string& out);
/// Reads the name of a service of Docker Compose.
Reader service_name(std::string& out);
/// Reads a list of names and patterns of services of Docker Compose; it may be empty.
Reader service_patterns(std::vector<std::string>& out);
/// Reads a list of a program and its arguments.
Reader argv(std::vector<std::string>& out);
/// Reads a list of a program and its arguments, or one of these words.
Reader command_or(std::vector<std::string>& out, std::vector<std::string> words);
/// Reads a list of absolute paths; it may be empty.
Reader absolute_paths(std::vector<std::filesystem::path>& out);

}  // namespace mastobak::config
