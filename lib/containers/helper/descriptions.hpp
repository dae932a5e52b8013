// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "containers/answers.hpp"

/// The helper's answers. They are made of what was parsed, so that nothing else of the engine's
/// answers reaches the client. They have the form of the Engine API.
namespace mastobak::containers {

std::string describe_list(const std::vector<Listed>& all);
/// \param whole also its environment, which has secrets
std::string describe_container(const Inspected& container, bool whole);
std::string describe_processes(const std::vector<ContainerProcess>& processes);
/// \param hint the helper's own hint; the engine's answers have none
std::string describe_error(const std::string& text, const std::string& hint = {});

}  // namespace mastobak::containers
