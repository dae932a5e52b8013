// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/processes.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace mastobak::test {

std::vector<pid_t> processes_with(const std::string& text) {
    std::vector<pid_t> found;
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        const auto name = process.path().filename().native();
        if (name.find_first_not_of("0123456789") != name.npos || name == std::to_string(::getpid()))
            continue;
        std::ifstream file(process.path() / "cmdline", std::ios::binary);
        std::ostringstream line;
        // If the process ends meanwhile, reading fails. The stream then reports the error, and does
        // not throw.
        line << file.rdbuf();
        if (line.str().find(text) != std::string::npos) found.push_back(std::stoi(name));
    }
    return found;
}

}  // namespace mastobak::test
