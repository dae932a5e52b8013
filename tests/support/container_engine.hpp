// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/process/process.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A throwaway container engine: a real dockerd, or a real `podman system service`, with data, state
/// and socket in a new directory. It and its containers have a PID namespace of their own, and end
/// when this process ends, for any reason. Needs root.
///
/// Containers see this machine's /usr, and the network of the host.
class ContainerEngine {
 public:
    enum class Kind { docker, podman };

    explicit ContainerEngine(Kind kind = Kind::docker);
    ~ContainerEngine();
    ContainerEngine(const ContainerEngine&) = delete;
    ContainerEngine& operator=(const ContainerEngine&) = delete;

    Kind kind() const { return kind_; }
    std::filesystem::path socket() const { return directory_ / "api.sock"; }
    /// The directory of the engine's own data.
    std::filesystem::path data() const { return directory_ / "data"; }
    /// An image without a program of its own.
    const std::string& image() const { return image_; }

    /// Runs `docker ARGUMENTS`. Throws when it fails.
    /// \return its output without the last newline
    std::string docker(std::vector<std::string> arguments) const;

    /// Makes and starts a container as Docker Compose does.
    /// \param name    "PROJECT/SERVICE/NUMBER.container"
    /// \param command the program and its arguments
    /// \param options further arguments of `docker run`
    /// \return its ID
    std::string run_container(const std::string& name, std::vector<std::string> command,
                              std::vector<std::string> options = {}) const;
    /// Does the same, but does not start it.
    std::string create_container(const std::string& name, std::vector<std::string> command,
                                 std::vector<std::string> options = {}) const;

    /// Ends the engine by SIGKILL. Containers keep running.
    void kill_engine() const;
    /// Starts it again, and waits until it answers.
    void start_engine() const;

 private:
    void remove_containers() const;
    std::string make(const char* verb, const std::string& name, std::vector<std::string> command,
                     std::vector<std::string> options) const;
    std::vector<std::string> engine_command() const;

    TemporaryDirectory directory_;
    Kind kind_;
    std::string image_;
    std::jthread running_;  ///< waits until the namespace ends
};

}  // namespace mastobak::test
