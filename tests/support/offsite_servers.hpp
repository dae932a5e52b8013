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

/// A server program on a port of 127.0.0.1. The destructor ends it and its children.
class Server {
 public:
    /// Returns when the port accepts connections; throws if it does not.
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

/// Returns a port of 127.0.0.1 at which no process listens.
std::uint16_t free_port();

/// OpenSSH's sshd with new keys. It accepts root. Needs root.
class SshServer {
 public:
    /// \param restriction the only command that it runs (as in authorized_keys); empty: any
    /// \param bashrc      the account's ~/.bashrc; empty: that of root on this host
    /// \param sftp        the server of SFTP; the shell starts one that is a program
    explicit SshServer(const std::string& restriction = {}, const std::string& bashrc = {},
                       const std::string& sftp = "internal-sftp");

    void stop() { server_->stop(); }
    void start() { server_->start(); }

    /// Returns an rsync remote for that path.
    config::Remote rsync(const std::string& path) const;
    /// Returns the section "[NAME]" of rclone.conf for this server.
    std::string rclone_section(const std::string& name) const;

    std::filesystem::path identity() const { return directory_ / "id"; }
    std::filesystem::path known_hosts() const { return directory_ / "known_hosts"; }
    std::uint16_t port() const { return port_; }
    /// Returns a known_hosts with a wrong key for this server, as in a man-in-the-middle attack.
    std::filesystem::path wrong_known_hosts() const;

 private:
    TemporaryDirectory directory_;
    std::uint16_t port_ = free_port();
    std::unique_ptr<Server> server_;
};

/// rclone's WebDAV server. It has no hashes and no times, and partial uploads are visible.
class WebDavServer {
 public:
    explicit WebDavServer(const std::filesystem::path& root);
    std::string rclone_section(const std::string& name, const std::string& password = "p") const;

 private:
    std::uint16_t port_ = free_port();
    Server server_;
};

/// Writes rclone.conf into a directory.
/// \return a remote with this configuration
config::Remote rclone_remote(const std::filesystem::path& directory, const std::string& sections,
                             const std::string& target);

/// Runs a program that must succeed, and returns its output.
std::string output_of(std::vector<std::string> argv);

}  // namespace mastobak::test
