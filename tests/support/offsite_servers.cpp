// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/offsite_servers.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>
#include <stop_token>
#include <utility>

#include "core/files/unique_fd.hpp"
#include "core/process/process.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool answers(std::uint16_t port) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = loopback(port);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Returns "ssh-ed25519 AAAA… comment" without the comment.
std::string key_of(const fs::path& file) {
    const auto text = read(file);
    return text.substr(0, text.find(' ', text.find(' ') + 1));
}

void make_key(const fs::path& file) {
    output_of({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.native()});
}

}  // namespace

std::uint16_t free_port() {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

std::string output_of(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    const auto finished = run(command);
    if (!finished.ok()) throw std::runtime_error(command.argv[0] + ": " + finished.reason());
    return finished.output;
}

Server::Server(std::vector<std::string> argv, std::uint16_t port)
    : argv_(std::move(argv)), port_(port) {
    start();
}

Server::~Server() {
    stop();
}

void Server::start() {
    Command command;
    command.argv = argv_;
    command.kill_after = std::chrono::milliseconds(500);
    thread_ = std::jthread([command](std::stop_token stop) {
        try {
            run(command, stop);
        } catch (const Error& e) {
            if (e.code() != Errc::cancelled) throw;
        }
    });
    if (!eventually([this] { return answers(port_); }))
        throw std::runtime_error(argv_[0] + " does not answer");
}

void Server::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

SshServer::SshServer(const std::string& restriction, const std::string& bashrc,
                     const std::string& sftp) {
    fs::create_directories("/run/sshd");  // sshd requires it, even if it does not use it
    make_key(directory_ / "host");
    make_key(identity());
    const auto limit = restriction.empty() ? "" : fmt::format("command=\"{}\" ", restriction);
    write(directory_ / "authorized_keys", limit + key_of(directory_ / "id.pub") + "\n");
    write(known_hosts(), fmt::format("[127.0.0.1]:{0} {1}\n[::1]:{0} {1}\n", port_,
                                     key_of(directory_ / "host.pub")));
    std::string home;
    if (!bashrc.empty()) {
        write(directory_ / "home/.bashrc", bashrc);
        home = fmt::format("SetEnv HOME={}\n", (directory_ / "home").native());
    }
    const auto config = directory_ / "sshd_config";
    write(config,
          fmt::format(
              "Port {}\nListenAddress 127.0.0.1\nListenAddress ::1\nHostKey {}\nPidFile none\n"
              "AuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n"
              "PermitRootLogin prohibit-password\nPasswordAuthentication no\n"
              "Subsystem sftp {}\n{}MaxStartups 100:30:200\n",
              port_, (directory_ / "host").native(), (directory_ / "authorized_keys").native(),
              sftp, home));
    // Without its own PID namespace, sshd's sessions would continue after its end.
    server_ = std::make_unique<Server>(
        std::vector<std::string>{"unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                                 "/usr/sbin/sshd", "-D", "-e", "-f", config.native()},
        port_);
}

config::Remote SshServer::rsync(const std::string& path) const {
    config::Remote remote;
    remote.name = "box";
    remote.type = config::RemoteType::rsync;
    remote.target = "root@127.0.0.1:" + path;
    remote.identity_file = identity();
    remote.known_hosts = known_hosts();
    remote.port = port_;
    return remote;
}

std::string SshServer::rclone_section(const std::string& name) const {
    return fmt::format(
        "[{}]\ntype = sftp\nhost = 127.0.0.1\nport = {}\nuser = root\nkey_file = {}\n"
        "known_hosts_file = {}\nshell_type = unix\nmd5sum_command = md5sum\n",
        name, port_, identity().native(), known_hosts().native());
}

fs::path SshServer::wrong_known_hosts() const {
    const auto file = directory_ / "wrong_known_hosts";
    write(file, fmt::format("[127.0.0.1]:{} {}\n", port_, key_of(directory_ / "id.pub")));
    return file;
}

WebDavServer::WebDavServer(const fs::path& root)
    : server_({"rclone", "--config", "/dev/null", "serve", "webdav", root.native(), "--addr",
               fmt::format("127.0.0.1:{}", port_), "--user", "u", "--pass", "p"},
              port_) {}

std::string WebDavServer::rclone_section(const std::string& name,
                                         const std::string& password) const {
    return fmt::format(
        "[{}]\ntype = webdav\nurl = http://127.0.0.1:{}\nvendor = other\nuser = u\npass = {}", name,
        port_, output_of({"rclone", "obscure", password}));
}

config::Remote rclone_remote(const fs::path& directory, const std::string& sections,
                             const std::string& target) {
    config::Remote remote;
    remote.name = "cloud";
    remote.type = config::RemoteType::rclone;
    remote.target = target;
    remote.rclone_config = directory / "rclone.conf";
    write(remote.rclone_config, sections);
    return remote;
}

}  // namespace mastobak::test
