// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "containers/exec/pg_restore.hpp"
#include "containers/helper/request.hpp"
#include "units/container_name.hpp"

namespace mastobak::containers {

/// What the helper may touch.
struct Scope {
    std::string project;                ///< empty: nothing
    std::vector<std::string> services;  ///< names or globs
    std::string database{};             ///< the service whose containers pg_dump may run in

    /// Returns whether a container may be stopped, started and signalled.
    bool controls(const units::ContainerName& name) const;
    /// Returns whether pg_dump may run in a container.
    bool dumps(const units::ContainerName& name) const {
        return shows(name) && name.service == database;
    }
    /// Returns whether a container may be looked at: it is of the project.
    bool shows(const units::ContainerName& name) const { return name.project == project; }
};

/// The calls that the helper knows. Everything else is refused.
enum class CallKind {
    version,
    list,
    inspect,
    stop,
    start,
    restart,
    kill,
    top,
    exec_create,
    exec_start,
    exec_inspect,
    image,
    drill_start,
    drill_inspect,
    drill_remove,
};

struct Call {
    CallKind kind;
    std::string id{};      ///< of the container, exec or image; 64 hexadecimal digits
    std::string signal{};  ///< of kill and exec_create: "TSTP" or "CONT"
    bool first = false;    ///< of exec_create: the signal is for the first process alone
    /// The body of an exec_create of pg_dump or pg_restore, made anew of what it may have; empty: of a
    /// signal.
    std::string program{};
    std::string address{};  ///< the server that pg_dump reads; empty: none
    std::optional<PgRestore> restore{};
    bool operator==(const Call&) const = default;
};

/// Returns the call that a request means.
/// Throws Refusal when the helper does not do that for any container.
Call permitted_call(const Request& request, const std::string& body);

}  // namespace mastobak::containers
