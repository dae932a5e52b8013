// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/exec/program.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mastobak::containers {
namespace {

constexpr auto user_without_rights = "65534:65534";
/// Reports the process, which then becomes the program. Its output has the process id, and not its
/// errors: an engine keeps the order only within one of the two, and the process id must be known
/// when anything else has arrived.
constexpr auto report_and_run = "echo $$; exec \"$@\"";

std::vector<std::string> strings_in(const Json& object, const char* key) {
    std::vector<std::string> result;
    if (!object.contains(key) || !object[key].is_array()) return result;
    for (const auto& item : object[key])
        if (item.is_string()) result.push_back(item.get<std::string>());
    return result;
}

}  // namespace

bool is_plain(std::string_view text, std::size_t longest) {
    return text.size() <= longest &&
           std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

bool is_plain_path(std::string_view text) {
    constexpr std::size_t longest = 200;
    return text.starts_with('/') && text.find("..") == text.npos && is_plain(text, longest);
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

std::vector<std::string> words_of(const Json& body) {
    return strings_in(body, "Cmd");
}

std::map<std::string, std::string> variables_of(const Json& body) {
    std::map<std::string, std::string> variables;
    for (const auto& pair : strings_in(body, "Env"))
        if (const auto equals = pair.find('='); equals != pair.npos)
            variables.emplace(pair.substr(0, equals), pair.substr(equals + 1));
    return variables;
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
