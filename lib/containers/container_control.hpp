// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "containers/engine.hpp"
#include "units/unit_control.hpp"

namespace mastobak::containers {

/// Controls the containers of Docker Compose through the API of a container engine. Their names are
/// those of units::ContainerName; the container that has the name at the moment of a call is meant.
///
/// A container is active when it runs and is not paused, and "activating" while the engine restarts
/// it after a failure. Its sub-state is its health, if it has a health check, or else the engine's
/// word. Its properties are those of units that containers have, too (Id, WorkingDirectory, User,
/// Environment, MainPID, InactiveExitTimestampMonotonic, FragmentPath: the files of its project),
/// and "Health" and "Container" (the answer of the engine, for parse_inspection()).
///
/// Its first process may be an init (tini, docker-init, catatonit) that passes signals on to its
/// only child; MainPID is that child's then.
class ContainerControl final : public units::UnitControl {
 public:
    /// \param socket of the helper, or of the engine itself
    explicit ContainerControl(std::filesystem::path socket);
    /// Waits for calls in progress. The event loop of their tasks has to exist until then.
    ~ContainerControl() override;

    async::Task<std::vector<units::Unit>> list(std::vector<std::string> patterns) override;
    async::Task<units::JobResult> stop(std::string name) override;
    async::Task<units::JobResult> start(std::string name) override;
    async::Task<units::JobResult> restart(std::string name) override;
    async::Task<> check_may_control(std::string name) override;
    async::Task<> kill(std::string name, units::Whom whom, int signal) override;
    async::Task<std::vector<units::Process>> processes(std::string name) override;
    async::Task<std::optional<units::Unit>> query(std::string name) override;
    async::Task<std::optional<std::string>> property(std::string unit, std::string name) override;
    /// Returns an object without a lock: a container engine has none.
    async::Task<units::Inhibitor> inhibit_shutdown() override;
    void start_no_reply(const std::vector<std::string>& names) noexcept override;
    void restart_no_reply(const std::vector<std::string>& names) noexcept override;

 private:
    async::Task<std::optional<Outcome>> run(std::string name, Change what);

    std::filesystem::path socket_;
    boost::asio::thread_pool pool_;
};

}  // namespace mastobak::containers
