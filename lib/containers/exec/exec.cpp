// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/exec/exec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "containers/ask_engine.hpp"
#include "containers/exec/frames.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/exec/program.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/process/error_lines.hpp"
#include "core/text.hpp"

namespace mastobak::containers {
namespace {

using namespace std::chrono_literals;

/// Takes the process id off the output of a program: its first line, if it is a number. The helper
/// keeps it for itself.
class ReportedProcess {
 public:
    /// \return whether it is known whether there is a process id, so that all further output is
    ///   the program's
    bool is_known() const { return known_; }
    /// \param output the next of it
    /// \return the program's own output; nothing until is_known()
    std::string take(std::string_view output) {
        line_.append(output);
        const auto end = line_.find('\n');
        if (end == line_.npos && line_.size() < longest) return {};
        known_ = true;
        const auto number = parse_number<std::uint32_t>(std::string_view(line_).substr(0, end));
        if (end == line_.npos || !number) return std::exchange(line_, {});
        process_ = number;
        return line_.substr(end + 1);
    }
    /// Returns output that ended before is_known().
    std::string rest() { return known_ ? std::string() : std::exchange(line_, {}); }
    std::optional<std::uint32_t> process() const { return process_; }

 private:
    static constexpr std::size_t longest = 12;
    std::string line_;
    bool known_ = false;
    std::optional<std::uint32_t> process_;
};

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string create(const Connection& to, const std::string& id, const std::string& body) {
    const auto made = ask_engine(to, fmt::format("/containers/{}/exec", id), body, to.patience);
    if (made.status == not_found || made.status == conflict)
        throw Error(Errc::units,
                    fmt::format("run a program in a container: {}", error_text(made.body)),
                    "does the container run? see 'docker compose ps --all'");
    if (made.status != created) unexpected("run a program in a container", made);
    return parse_id(made.body);
}

std::string start_body() {
    return Json{{"Detach", false}, {"Tty", false}}.dump();
}

/// Ends a program that is not needed any more. If that fails, it ends when it writes next, or is
/// done.
void end_program(const Connection& to, const std::string& id,
                 std::optional<std::uint32_t> process) noexcept {
    if (!process) return;
    try {
        const Connection calm{.socket = to.socket, .patience = 5s};
        const auto exec = create(calm, id, ending_body(*process));
        ask_engine(calm, fmt::format("/exec/{}/start", exec), start_body(), calm.patience);
    } catch (const std::exception&) {
        // The container does not run any more, or the engine does not.
    }
}

/// The engine may report the exit status a moment after the end of the output.
int exit_status_of(const Connection& to, const std::string& exec) {
    constexpr auto pause = 20ms;
    for (auto waited = 0ms; waited < to.patience; waited += pause) {
        const auto ended = get(to, fmt::format("/exec/{}/json", exec));
        if (ended.status != ok) unexpected("inspect a program in a container", ended);
        if (const auto status = parse_exit_status(ended.body)) return *status;
        wait_or_stop(pause, to.stop);
    }
    throw Error(Errc::units, "a program in a container has closed its output, but does not end");
}

}  // namespace

Finished run_in_container(const Connection& to, const std::string& id, const std::string& body,
                          const ExecOutput& output) {
    const auto exec = create(to, id, body);
    ErrorLines lines(output.on_error_line);
    ReportedProcess reported;
    Frames frames(
        [&](std::span<const std::byte> part) {
            if (reported.is_known()) return output.on_output(part);
            const auto own = reported.take(text_of(part));
            if (!own.empty()) output.on_output(bytes_of(own));
        },
        [&](std::span<const std::byte> part) { lines.take(text_of(part)); });
    Finished finished;
    try {
        const auto answer = stream_from_engine(
            to, fmt::format("/exec/{}/start", exec), start_body(),
            [&frames](std::span<const std::byte> block) { frames.feed(block); }, output.silence);
        if (answer && answer->status != ok) unexpected("run a program in a container", *answer);
        finished.timed_out = finished.was_silent = !answer;
        if (answer) frames.finish();
    } catch (...) {
        end_program(to, id, reported.process());
        throw;
    }
    if (const auto rest = reported.rest(); !rest.empty()) output.on_output(bytes_of(rest));
    lines.finish();
    finished.error_tail = lines.tail();
    if (finished.was_silent)
        end_program(to, id, reported.process());
    else
        finished.exit_status = exit_status_of(to, exec);
    return finished;
}

// It prints "pg_dump (PostgreSQL) 17.2 (Debian …)".
std::string pg_dump_version(const Connection& to, const std::string& id, const std::string& name) {
    constexpr std::string_view mark = "(PostgreSQL) ";
    constexpr std::size_t longest = 200;
    std::string output;
    const auto take = [&](std::span<const std::byte> block) {
        const auto room = longest - std::min(longest, output.size());
        output.append(reinterpret_cast<const char*>(block.data()), std::min(room, block.size()));
    };
    const auto finished = run_in_container(
        to, id, version_body(), {.on_output = take, .silence = std::chrono::seconds(20)});
    const auto at = output.find(mark);
    std::string version;
    if (finished.ok() && at != output.npos) version = output.substr(at + mark.size());
    version.resize(std::min(version.size(), version.find_first_of("\r\n")));
    if (version.empty() || version[0] < '1' || version[0] > '9')
        throw Error(Errc::environment,
                    fmt::format("pg_dump in {} does not run: {}", name, finished.reason()),
                    "does its image have the programs of PostgreSQL?");
    return version;
}

}  // namespace mastobak::containers
