// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/config.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A server program on a port of 127.0.0.1; it and its children end with the object.
class Server {
 public:
    /// Returns when the port answers; throws if it never does.
    Server(std::vector<std::string> argv, std::uint16_t port);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void stop();
    void start();

 private:
    std::vector<std::string> argv_;
    std::uint16_t port_;
    std::jthread thread_;
};

/// A port of 127.0.0.1 that nobody listens at.
std::uint16_t free_port();

/// OpenSSH's sshd with keys of its own, for root, who may do everything or only what
/// `restriction` says (a command of authorized_keys). Needs root.
class SshServer {
 public:
    explicit SshServer(const std::string& restriction = {});

    void stop() { server_->stop(); }
    void start() { server_->start(); }

    /// An rsync remote of that path.
    config::Remote rsync(const std::string& path) const;
    /// Lines for rclone.conf: "[NAME]" and what follows.
    std::string rclone_section(const std::string& name) const;

    std::filesystem::path identity() const { return directory_ / "id"; }
    std::filesystem::path known_hosts() const { return directory_ / "known_hosts"; }
    std::uint16_t port() const { return port_; }
    /// A known_hosts with another key for this server, as after a man came into the middle.
    std::filesystem::path wrong_known_hosts() const;

 private:
    TemporaryDirectory directory_;
    std::uint16_t port_ = free_port();
    std::unique_ptr<Server> server_;
};

/// A WebDAV server of rclone's: no hashes, no times, and uploads that can be seen growing.
class WebDavServer {
 public:
    explicit WebDavServer(const std::filesystem::path& root);
    std::string rclone_section(const std::string& name, const std::string& password = "p") const;

 private:
    std::uint16_t port_ = free_port();
    Server server_;
};

/// Writes rclone.conf into a directory.
/// \return a remote of it
config::Remote rclone_remote(const std::filesystem::path& directory, const std::string& sections,
                             const std::string& target);

/// The output of a program that has to succeed.
std::string output_of(std::vector<std::string> argv);

}  // namespace mastobak::test
