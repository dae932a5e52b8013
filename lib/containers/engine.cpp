// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "containers/ask_engine.hpp"
#include "containers/exec/program.hpp"
#include "core/json.hpp"

namespace mastobak::containers {
namespace {

/// Escapes a value of a query.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

Outcome post(const Connection& to, const std::string& id, std::string_view verb,
             std::chrono::milliseconds limit) {
    return outcome_of(ask_engine(to, fmt::format("/containers/{}/{}", id, verb), "", limit));
}

/// Runs a command that sends a signal in a container.
Outcome signal_inside(const Connection& to, const std::string& id,
                      const std::vector<std::string>& command) {
    const Json body{{"Cmd", command}, {"AttachStdout", true}};
    const auto made =
        ask_engine(to, fmt::format("/containers/{}/exec", id), body.dump(), to.patience);
    if (made.status == not_found || made.status == conflict) return outcome_of(made);
    if (made.status != created) unexpected("run a program in a container", made);
    const auto exec = parse_id(made.body);
    const Json attached{{"Detach", false}, {"Tty", false}};
    const auto ran =
        ask_engine(to, fmt::format("/exec/{}/start", exec), attached.dump(), to.patience);
    if (ran.status != ok) return outcome_of(ran);
    const auto ended = get(to, fmt::format("/exec/{}/json", exec));
    if (ended.status != ok) unexpected("inspect a program in a container", ended);
    const auto status = parse_exit_status(ended.body);
    if (status == 0) return {};
    return {Outcome::failed,
            status ? fmt::format("exit status {}", *status) : std::string("it does not end")};
}

}  // namespace

// In this form, the shell itself runs `kill`, so that the image needs no program for it. Source:
// kill(2): -1 is every process except the first one and the caller.
std::vector<std::string> signal_command(const std::string& signal) {
    return {"/bin/sh", "-c", "kill -" + signal + " -1"};
}

namespace {

/// \param label "com.docker.compose.project", or with a value: "com.docker.compose.project=x"
std::string list_of(const Connection& to, const std::string& label) {
    const Json filters{{"label", {label}}};
    auto answer = get(to, "/containers/json?all=true&filters=" + escaped(filters.dump()));
    if (answer.status != ok) unexpected("list containers", answer);
    return std::move(answer.body);
}

}  // namespace

std::vector<Labelled> labelled(const Connection& to) {
    return parse_labelled(list_of(to, "com.docker.compose.project"));
}

std::vector<Listed> list(const Connection& to, const std::string& project) {
    auto found = parse_list(list_of(to, "com.docker.compose.project=" + project));
    std::erase_if(found, [&](const auto& one) { return one.name.project != project; });
    return found;
}

bool is_preferred(const Listed& one, const Listed& other) {
    return one.runs() == other.runs() ? one.created > other.created : one.runs();
}

std::optional<Listed> find(const Connection& to, const units::ContainerName& name) {
    std::optional<Listed> best;
    for (auto& one : list(to, name.project))
        if (one.name == name && (!best || is_preferred(one, *best))) best = std::move(one);
    return best;
}

std::optional<std::string> inspection(const Connection& to, const std::string& id) {
    auto answer = get(to, fmt::format("/containers/{}/json", id));
    if (answer.status == not_found) return std::nullopt;
    if (answer.status != ok) unexpected("inspect a container", answer);
    return std::move(answer.body);
}

std::optional<Inspected> inspect(const Connection& to, const std::string& id) {
    const auto answer = inspection(to, id);
    if (!answer) return std::nullopt;
    return parse_inspection(*answer);
}

Outcome stop(const Connection& to, const std::string& id) {
    return post(to, id, "stop", to.wait);
}

Outcome start(const Connection& to, const std::string& id) {
    return post(to, id, "start", to.wait);
}

Outcome restart(const Connection& to, const std::string& id) {
    return post(to, id, "restart", to.wait);
}

// Docker takes a signal of its API for a stop by an admin: a container with `restart:
// unless-stopped` that was only made quiet would not run after a power cut. It knows nothing of a
// signal from inside. Source: moby, daemon/kill.go, HasBeenManuallyStopped
Outcome kill(const Connection& to, const std::string& id, const std::string& signal) {
    const bool goes_on = signal == "TSTP" || signal == "CONT";
    const auto container = goes_on ? inspect(to, id) : std::nullopt;
    if (container && container->own_processes) {
        auto outcome = signal_inside(to, id, signal_first_command(signal));
        if (outcome.kind != Outcome::failed) return outcome;
    }
    return post(to, id, "kill?signal=SIG" + signal, to.patience);
}

Outcome kill_others(const Connection& to, const std::string& id, const std::string& signal) {
    const auto container = inspect(to, id);
    if (!container) return {Outcome::gone, "no such container"};
    if (!container->own_processes)
        return {Outcome::failed, "it shares the processes of the host or of another container"};
    return signal_inside(to, id, signal_command(signal));
}

bool has_image(const Connection& to, const std::string& image) {
    const auto answer = get(to, fmt::format("/images/{}/json", image));
    if (answer.status == not_found) return false;
    if (answer.status != ok) unexpected("inspect an image", answer);
    return true;
}

void remove_container(const Connection& to, const std::string& id) {
    const auto answer = remove(to, fmt::format("/containers/{}?force=true&v=true", id));
    // The engine may be removing it at this moment, because it has ended.
    if (answer.status != not_found && answer.status != conflict && !answer.ok())
        unexpected("remove a container", answer);
}

std::vector<ContainerProcess> processes(const Connection& to, const std::string& id) {
    const auto version = get(to, "/version");
    if (version.status != ok) unexpected("ask for the version", version);
    const auto* columns = parse_is_podman(version.body) ? podman_columns : docker_columns;
    const auto answer = get(to, fmt::format("/containers/{}/top?ps_args={}", id, escaped(columns)));
    if (answer.status == ok && !answer.body.empty()) return parse_processes(answer.body);
    // When the container does not run, Docker answers with 409 or 500, and podman with nothing.
    const auto container = inspect(to, id);
    if (container && container->running && !container->restarting)
        unexpected("list the processes of a container", answer);
    return {};
}

}  // namespace mastobak::containers
