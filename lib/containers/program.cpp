// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/program.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.hpp"

namespace mastobak::containers {
namespace {

constexpr auto user_without_rights = "65534:65534";
/// Reports the process, which then becomes the program. Its output has the process id, and not its
/// errors: an engine keeps the order only within one of the two, and the process id must be known
/// when anything else has arrived.
constexpr auto report_and_run = "echo $$; exec \"$@\"";

}  // namespace

bool is_plain_path(std::string_view text) {
    constexpr std::size_t longest = 200;
    return text.starts_with('/') && text.size() <= longest && text.find("..") == text.npos &&
           std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

std::string exec_body(const Program& program) {
    std::vector<std::string> command{"/bin/sh", "-c", report_and_run, "sh"};
    command.insert(command.end(), program.argv.begin(), program.argv.end());
    return Json{{"Cmd", command},
                {"Env", program.environment},
                {"User", program.user},
                {"AttachStdout", true},
                {"AttachStderr", true}}
        .dump();
}

std::vector<std::string> signal_first_command(const std::string& signal) {
    return {"/bin/sh", "-c", "kill -" + signal + " 1"};
}

std::string ending_body(std::uint32_t process) {
    return Json{{"Cmd", {"/bin/sh", "-c", fmt::format("kill -TERM {}", process)}},
                {"User", user_without_rights},
                {"AttachStdout", true}}
        .dump();
}

}  // namespace mastobak::containers
