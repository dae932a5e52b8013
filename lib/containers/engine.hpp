// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "containers/answers.hpp"
#include "http/request.hpp"

namespace mastobak::containers {

/// Where and when the helper, or an engine itself, is reached.
struct Connection {
    std::filesystem::path socket;
    std::stop_token stop{};
    /// The limit of a call that changes nothing, or only sends a signal.
    std::chrono::milliseconds patience{10'000};
    /// The limit of a call that waits for a container to stop or start.
    std::chrono::milliseconds wait{std::chrono::hours(2)};
};

/// How a call that changes a container ended.
struct Outcome {
    enum Kind {
        done,    ///< also when there was nothing to do
        gone,    ///< there is no such container
        failed,  ///< the engine has tried in vain
    } kind = done;
    std::string why{};  ///< the engine's reason, unless it is done
};

/// The arguments of `ps`, which the engine runs for `top`: those of Docker and those of podman.
inline constexpr auto docker_columns = "-eo pid,ppid,args";
inline constexpr auto podman_columns = "hpid,pid,ppid,args";

/// The program by which a signal reaches each process of a container except the first.
/// \param signal without SIG: "TSTP"
std::vector<std::string> signal_command(const std::string& signal);

/// Calls of the Engine API, version 1.41. They block, so call them through async::run_blocking.
/// All throw Error{units} when the engine cannot be reached, refuses the call, or its answer is not
/// one; and Error{cancelled}.
/// Source: docs.docker.com/engine/api/v1.41; podman-system-service(1)

/// Returns the containers of a project that Docker Compose has made, in any state.
std::vector<Listed> list(const Connection& to, const std::string& project);

/// Returns the containers of all projects, in any state. The helper does not serve this call.
std::vector<Labelled> labelled(const Connection& to);

/// Returns the container with this name: of several, the one that runs, or else the newest.
/// `docker compose up` replaces a container by another one with the same name.
std::optional<Listed> find(const Connection& to, const units::ContainerName& name);

/// Returns whether a container is meant rather than another one with the same name.
bool is_preferred(const Listed& one, const Listed& other);

/// Returns the engine's answer, for parse_inspection(); nullopt when there is no such container.
std::optional<std::string> inspection(const Connection& to, const std::string& id);
std::optional<Inspected> inspect(const Connection& to, const std::string& id);

/// Stops a container by its own signal and within its own time, then by SIGKILL. Returns when it has
/// stopped.
Outcome stop(const Connection& to, const std::string& id);
Outcome start(const Connection& to, const std::string& id);
Outcome restart(const Connection& to, const std::string& id);

using Change = Outcome (*)(const Connection&, const std::string& id);

/// Sends a signal to the first process.
/// \param signal without SIG: "TSTP"
Outcome kill(const Connection& to, const std::string& id, const std::string& signal);

/// Sends a signal to each process of a container except the first. It fails when there is none, and
/// when the container shares the processes of the host (`pid: host`).
Outcome kill_others(const Connection& to, const std::string& id, const std::string& signal);

/// Returns whether the engine has an image. It is never fetched.
/// \param image its ID, see is_id()
bool has_image(const Connection& to, const std::string& image);

/// Removes a container with its own volumes, also one that runs. Does nothing when there is none.
void remove_container(const Connection& to, const std::string& id);

/// Returns the processes of a container; none when it does not run.
std::vector<ContainerProcess> processes(const Connection& to, const std::string& id);

}  // namespace mastobak::containers
