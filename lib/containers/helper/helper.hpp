// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "containers/engine.hpp"
#include "containers/helper/drill_container.hpp"
#include "containers/helper/rules.hpp"

namespace mastobak::containers {

/// An answer of the helper.
struct HelperAnswer {
    int status = 200;
    std::string body{};  ///< JSON; empty: none
};

/// The connection that a request has come from.
struct Client {
    /// Receives the reason of a refusal, for the journal.
    std::function<void(const std::string&)> refused;
    /// Begins to notice when the client ends the connection, for a call that takes long. Other calls
    /// are done to their end.
    std::function<void()> watch;
    /// Sends the next part of an answer with status 200 and a body of any size. After the first
    /// call, the answer that answer() returns is not sent.
    /// Throws Error{cancelled} when the client does not take it.
    std::function<void(std::string_view)> send;
    std::stop_token stop{};  ///< a stop request, or the end of the connection
};

/// Does for a client that is not trusted what a backup needs of a container engine, and refuses
/// everything else. Each call of a container looks at its labels first. Used by several threads.
class Helper {
 public:
    /// What the configuration permits at this moment.
    struct Permission {
        Scope scope{};
        std::filesystem::path engine{};  ///< the socket of the engine
        DrillServer drill{};
    };

    /// \param permission is called for each request
    explicit Helper(std::function<Permission()> permission) : permission_(std::move(permission)) {}

    /// Answers a request, also one that is refused or fails. Blocks until the engine has answered,
    /// or until a stop request.
    HelperAnswer answer(const Request& request, const std::string& body, const Client& client);

 private:
    /// A program that the client has asked to run in a container.
    struct Exec {
        Call call;
        bool started = false;
        std::optional<int> exit_status{};
    };

    HelperAnswer perform(const Call& call, const Client& client);
    HelperAnswer exec_create(const Call& call);
    HelperAnswer exec_start(const Call& call, const Permission& permission, const Connection& to,
                            const Client& client);
    HelperAnswer exec_inspect(const Call& call);
    int run_program(const Call& program, const Connection& to, const Client& client);

    std::function<Permission()> permission_;
    std::mutex mutex_;
    std::map<std::string, Exec> execs_{};  ///< by the ID that the client got; guarded by mutex_
    std::uint64_t last_exec_ = 0;          ///< guarded by mutex_
    int dumps_ = 0;                        ///< that run; guarded by mutex_
};

}  // namespace mastobak::containers
