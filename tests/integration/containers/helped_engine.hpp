// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "containers/helper/server.hpp"
#include "core/files/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/container_engine.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

inline sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

/// A helper on a socket, before a real engine.
class HelpedEngine {
 public:
    explicit HelpedEngine(std::vector<uid_t> clients = {0},
                          ContainerEngine::Kind kind = ContainerEngine::Kind::docker)
        : engine(kind) {
        const auto address = address_of(socket());
        listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0);
        REQUIRE(::listen(listener_.get(), 16) == 0);
        ::chmod(directory_.path().c_str(), 0755);
        ::chmod(socket().c_str(), 0777);
        server_ = std::jthread([this, clients](std::stop_token stop) {
            containers::serve(listener_.get(), helper_,
                              {.clients = clients,
                               .idle = std::chrono::hours(1),
                               .patience = std::chrono::milliseconds(500),
                               .refused = [this](const std::string&) { ++refused_; }},
                              stop);
        });
    }

    std::filesystem::path socket() const { return directory_ / "helper.sock"; }
    int refused() const { return refused_; }

    /// Sends bytes and returns the whole answer.
    std::string send(const std::string& bytes) const {
        const auto address = address_of(socket());
        const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0);
        static_cast<void>(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
        std::string answer;
        for (char block[4096];;) {
            const auto size = ::recv(fd.get(), block, sizeof block, 0);
            if (size <= 0) return answer;
            answer.append(block, static_cast<std::size_t>(size));
        }
    }
    /// Returns the status of the answer to a request.
    std::string ask(const std::string& line, const std::string& body = {}) const {
        const auto answer =
            send(line + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
        return answer.substr(answer.find(' ') + 1, 3);
    }

    /// Sets what the containers of drills are.
    void set_drill(containers::DrillServer drill) {
        const std::lock_guard lock(mutex_);
        drill_ = std::move(drill);
    }
    /// Sets the command of drills, and returns the earlier one.
    std::vector<std::string> set_drill_command(std::vector<std::string> command) {
        const std::lock_guard lock(mutex_);
        return std::exchange(drill_.command, std::move(command));
    }

    ContainerEngine engine;

 private:
    TemporaryDirectory directory_;
    UniqueFd listener_;
    std::atomic<int> refused_ = 0;
    std::mutex mutex_;  ///< of drill_: the helper answers each client in a thread of its own
    containers::DrillServer drill_{};
    containers::Helper helper_{[this] {
        const std::lock_guard lock(mutex_);
        return containers::Helper::Permission{
            .scope = {.project = "mastodon", .services = {"web", "sidekiq*"}, .database = "db"},
            .engine = engine.socket(),
            .drill = drill_};
    }};
    std::jthread server_;
};

}  // namespace mastobak::test
