// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "units/container_name.hpp"

/// Parses answers of a container engine (Docker's, podman's). They are untrusted input.
/// Source: Docker Engine API, version 1.41
namespace mastobak::containers {

/// A container in the list of an engine.
struct Listed {
    std::string id;
    units::ContainerName name;
    std::string state;         ///< "running", "exited", …
    std::int64_t created = 0;  ///< in seconds since 1970
    bool runs() const { return state == "running"; }
    bool operator==(const Listed&) const = default;
};

/// A directory of the host, or a volume, in a container.
struct Mount {
    std::filesystem::path source;       ///< on the host
    std::filesystem::path destination;  ///< in the container
    bool writable = true;
    bool operator==(const Mount&) const = default;
};

/// A network that a container is connected to.
struct Network {
    std::string name;
    std::string address;               ///< IPv4 or IPv6; empty: none
    std::vector<std::string> aliases;  ///< names by which other containers find it
    bool operator==(const Network&) const = default;
};

/// What an engine says of one container.
struct Inspected {
    std::string id;
    std::optional<units::ContainerName> name;  ///< nullopt: not a container of Docker Compose
    bool one_off = false;                      ///< `docker compose run` has made it
    bool running = false;
    bool paused = false;
    bool restarting = false;
    std::uint32_t pid = 0;
    std::optional<Timestamp> started_at;
    std::string health;      ///< "starting", "healthy", "unhealthy"; empty: no health check
    std::string error;       ///< why its last start failed
    std::string image;       ///< its name: "ghcr.io/mastodon/mastodon:v4.5.0"
    std::string image_id{};  ///< see is_id(); empty: the engine does not say it
    bool of_drill = false;   ///< the helper has made it for a drill
    std::vector<std::string> command;  ///< the program and its arguments, with the entry point
    std::string user;                  ///< "mastodon", "991:991"; empty: root
    std::filesystem::path working_directory;
    std::vector<std::string> environment;  ///< "NAME=value", verbatim
    std::vector<Mount> mounts;
    std::string network_mode;   ///< "host", "bridge", …
    bool own_processes = true;  ///< it does not see the processes of the host or of others
    std::vector<Network> networks;
    std::filesystem::path project_directory;           ///< on the host
    std::vector<std::filesystem::path> compose_files;  ///< on the host
};

/// A process in a container.
struct ContainerProcess {
    std::uint32_t pid = 0;  ///< on the host
    std::uint32_t own = 0;  ///< to which `parent` refers
    std::uint32_t parent = 0;
    std::string command;
    bool operator==(const ContainerProcess&) const = default;
};

/// The name and the label of the container that the helper makes for a drill. Labels alone may also
/// come from an image.
inline constexpr auto drill_name = "mastobak-drill", drill_label = "org.mastobak.drill";

/// The size limit of an answer.
inline constexpr std::size_t longest_answer = std::size_t{4} << 20;

/// Returns whether a text is the whole ID of a container, of an exec in one, or of an image (without
/// "sha256:"): 64 hexadecimal digits.
bool is_id(std::string_view text);

/// Parses the answer of `GET /containers/json`. Leaves out containers that Docker Compose has not
/// made, those of `docker compose run`, and entries that lack what a name needs.
/// Throws Error{units}.
std::vector<Listed> parse_list(const std::string& answer);

/// A container that has the label of a project, which need not be a valid one.
struct Labelled {
    std::string id;
    std::string project;  ///< the label, verbatim
    bool operator==(const Labelled&) const = default;
};

/// Parses the same answer, but leaves out only containers without a project, those of `docker
/// compose run`, and entries without an ID. Throws Error{units}.
std::vector<Labelled> parse_labelled(const std::string& answer);

/// Parses the answer of `GET /containers/ID/json`. Throws Error{units}.
Inspected parse_inspection(const std::string& answer);

/// Parses the answer of `GET /containers/ID/top` with the columns PID, PPID and COMMAND, and of
/// podman HPID. Throws Error{units}.
std::vector<ContainerProcess> parse_processes(const std::string& answer);

/// Parses the answer of `GET /version`: whether the engine is podman. Throws Error{units}.
bool parse_is_podman(const std::string& answer);

/// Parses the answer of `GET /exec/ID/json`: the exit status; nullopt while it runs.
/// Throws Error{units}.
std::optional<int> parse_exit_status(const std::string& answer);

/// Parses {"Id": "…"}. Throws Error{units}.
std::string parse_id(const std::string& answer);

/// Returns the text of an answer that reports an error: its "message" as one readable line.
std::string error_text(const std::string& answer);
/// Returns the "hint" of an answer that reports an error, as error_text() does; empty: none. Only
/// the helper's answers have one.
std::string error_hint(const std::string& answer);

}  // namespace mastobak::containers
