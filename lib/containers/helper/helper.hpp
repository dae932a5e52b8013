// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "containers/engine.hpp"
#include "containers/helper/rules.hpp"

namespace mastobak::containers {

/// An answer of the helper.
struct HelperAnswer {
    int status = 200;
    std::string body{};  ///< JSON; empty: none
};

/// Does for a client that is not trusted what a backup needs of a container engine, and refuses
/// everything else. Each call of a container looks at its labels first. Used by several threads.
class Helper {
 public:
    /// What the configuration permits at this moment.
    struct Permission {
        Scope scope{};
        std::filesystem::path engine{};  ///< the socket of the engine
    };

    /// \param permission is called for each request
    explicit Helper(std::function<Permission()> permission) : permission_(std::move(permission)) {}

    /// Answers a request, also one that is refused or fails. Blocks until the engine has answered,
    /// or until a stop request.
    /// \param refused receives the reason of a refusal, for the journal
    HelperAnswer answer(const Request& request, const std::string& body,
                        const std::function<void(const std::string&)>& refused,
                        std::stop_token stop = {});

 private:
    /// A program that the client has asked to run in a container.
    struct Exec {
        std::string container;
        std::string signal;
        std::optional<int> exit_status{};
    };

    HelperAnswer perform(const Call& call, std::stop_token stop);
    HelperAnswer exec_create(const Call& call);
    HelperAnswer exec_start(const Call& call, const Permission& permission, const Connection& to);
    HelperAnswer exec_inspect(const Call& call);

    std::function<Permission()> permission_;
    std::mutex mutex_;
    std::map<std::string, Exec> execs_{};  ///< by the ID that the client got; guarded by mutex_
    std::uint64_t last_exec_ = 0;          ///< guarded by mutex_
};

}  // namespace mastobak::containers
