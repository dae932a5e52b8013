// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/properties.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string_view>

namespace mastobak::containers {
namespace {

/// One element a line. An element with a line break is left out, because its second line would look
/// like another element.
template <typename List>
std::string lines_of(const List& list) {
    std::string text;
    for (const auto& item : list) {
        const std::string line(item);
        if (line.find('\n') == line.npos) text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

/// Source: tini(1) and catatonit(1) pass on each signal that they can, also SIGTSTP. dumb-init
/// makes SIGTSTP a SIGSTOP, so it is not one of them.
bool passes_signals_on(std::string_view command) {
    const auto program = command.substr(0, command.find(' '));
    const auto name = program.substr(program.rfind('/') + 1);
    return name == "tini" || name == "docker-init" || name == "catatonit";
}

using Reader = std::function<std::optional<std::string>(const Inspected&)>;

/// The properties that inspection of a container gives.
const std::map<std::string, Reader, std::less<>>& readers() {
    static const std::map<std::string, Reader, std::less<>> all{
        {"Id", [](const auto& c) { return c.name ? c.name->to_string() : ""; }},
        {"WorkingDirectory", [](const auto& c) { return c.working_directory.native(); }},
        {"User", [](const auto& c) { return c.user; }},
        {"Environment", [](const auto& c) { return lines_of(c.environment); }},
        {"FragmentPath",
         [](const auto& c) {
             std::vector<std::string> files;
             for (const auto& file : c.compose_files) files.push_back(file.native());
             return lines_of(files);
         }},
        {"Health",
         [](const auto& c) { return c.health.empty() ? std::nullopt : std::optional(c.health); }},
        {"InactiveExitTimestampMonotonic",
         [](const auto& c) {
             return c.started_at ? std::optional(to_monotonic(*c.started_at, SystemClock()))
                                 : std::nullopt;
         }},
    };
    return all;
}

}  // namespace

std::uint32_t main_process(const std::vector<ContainerProcess>& processes, std::uint32_t first) {
    const auto main = std::ranges::find(processes, first, &ContainerProcess::pid);
    if (main == processes.end() || !passes_signals_on(main->command)) return first;
    const auto is_child = [main](const auto& process) { return process.parent == main->own; };
    const auto child = std::ranges::find_if(processes, is_child);
    return std::ranges::count_if(processes, is_child) == 1 ? child->pid : first;
}

std::string to_monotonic(Timestamp time, const Clock& clock) {
    using Microseconds = std::chrono::microseconds;
    const auto since = clock.now() - time;
    const auto then = clock.steady().time_since_epoch() - since;
    const auto count = std::chrono::duration_cast<Microseconds>(then).count();
    return std::to_string(std::max<Microseconds::rep>(count, 0));
}

std::optional<std::string> read_property(const Connection& to, const units::ContainerName& name,
                                         const std::string& property) {
    const auto listed = find(to, name);
    if (!listed) return std::nullopt;
    if (property == "Container") return inspection(to, listed->id);
    const auto reader = readers().find(property);
    if (reader == readers().end() && property != "MainPID") return std::nullopt;
    const auto container = inspect(to, listed->id);
    if (!container) return std::nullopt;
    if (reader != readers().end()) return reader->second(*container);
    return std::to_string(main_process(processes(to, listed->id), container->pid));
}

}  // namespace mastobak::containers
