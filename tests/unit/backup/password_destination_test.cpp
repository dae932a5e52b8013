// SPDX-License-Identifier: GPL-3.0-or-later
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>

#include "backup/database/database_settings.hpp"
#include "backup/database/look_at_database.hpp"
#include "core/error.hpp"
#include "core/files/unique_fd.hpp"
#include "postgres/connection.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A server of another user: it refuses TLS, asks each client for its password in clear text, and
/// then closes the connection.
class Thief {
 public:
    Thief() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket_.get(), 8) == 0);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](std::stop_token stop) { serve(stop); });
    }
    std::uint16_t port() const { return port_; }
    /// Ends the server.
    /// \return all that clients have sent
    std::string received() {
        thread_.request_stop();
        thread_.join();
        return received_;
    }

 private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd one{socket_.get(), POLLIN, 0};
            if (::poll(&one, 1, 20) <= 0) continue;
            const UniqueFd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            talk(client.get());
        }
    }
    void talk(int client) {
        constexpr std::array<unsigned char, 9> ask_password{'R', 0, 0, 0, 8, 0, 0, 0, 3};
        std::array<char, 4096> block{};
        for (;;) {
            const auto n = ::read(client, block.data(), block.size());
            if (n <= 0) return;
            received_.append(block.data(), static_cast<std::size_t>(n));
            const bool asks_encryption = n == 8;
            const bool is_password = block[0] == 'p';
            if (is_password) return;
            if (asks_encryption ? ::write(client, "N", 1) != 1
                                : ::write(client, ask_password.data(), ask_password.size()) != 9)
                return;
        }
    }

    UniqueFd socket_;
    std::uint16_t port_ = 0;
    std::string received_;
    std::jthread thread_;
};

/// An instance whose environment leads to the thief, and a passfile of mastobak's for any server.
struct Redirected {
    TemporaryDirectory directory;
    Thief thief;
    config::Config config;
    backup::Plan plan;
    mastodon::Environment& environment = plan.instance.environment;

    Redirected() {
        write(directory / "pgpass", "*:*:*:*:our-secret\n");
        fs::permissions(directory / "pgpass", fs::perms::owner_read | fs::perms::owner_write);
        config.source = "/etc/mastobak/mastobak.yaml";
        config.database.user = "mastobak";
        plan.instance.directory = "/home/mastodon/live";
        plan.instance.user = "nobody";
        environment = {{"DB_HOST", "127.0.0.1"}, {"DB_PORT", std::to_string(thief.port())}};
    }
    /// Returns why preflight fails.
    Error preflight() {
        try {
            backup::look_at_database(config, {}, plan, {});
        } catch (const Error& error) {
            return error;
        }
        return Error(Errc::internal, "no failure");
    }
    bool has_our_secret() { return thief.received().find("our-secret") != std::string::npos; }
};

}  // namespace

TEST_CASE_METHOD(Redirected, "a server that only .env names does not get a configured password") {
    config.database.passfile = directory / "pgpass";
    SECTION("by its host") {
        const auto error = preflight();
        CHECK(error.code() == Errc::config);
        CHECK(error.text() ==
              fmt::format("'/etc/mastobak/mastobak.yaml' has database.passfile without "
                          "database.host: Mastodon's settings would choose the server that gets "
                          "its password, '127.0.0.1:{}'",
                          thief.port()));
        CHECK(error.hint() == fmt::format("if that is the right server, add its 'host: 127.0.0.1' "
                                          "and 'port: {}' below 'database:'",
                                          thief.port()));
    }
    SECTION("by its port") {
        config.database.host = "127.0.0.1";
        CHECK(preflight().text().find("without database.port") != std::string::npos);
    }
    SECTION("by its address") {
        config.database.host = "db.invalid";
        config.database.port = thief.port();
        environment["DATABASE_URL"] =
            fmt::format("postgres://db.invalid:{}/m?hostaddr=127.0.0.1", thief.port());
        preflight();
    }
    CHECK_FALSE(has_our_secret());
}

TEST_CASE_METHOD(Redirected, "a restore does not send it there, either") {
    config.database.passfile = directory / "pgpass";
    const auto settings = backup::database_settings(config, plan.instance);
    CHECK(settings.passfile.empty());
    CHECK_THROWS_AS(postgres::Connection(settings), Error);
    CHECK_FALSE(has_our_secret());
}

TEST_CASE_METHOD(Redirected, "a passfile that Mastodon's settings name is not used") {
    // The file may belong to mastobak or root, who run this.
    environment["PGPASSFILE"] = directory / "pgpass";
    SECTION("for Mastodon's role") {
        config.database.user.reset();
    }
    SECTION("for mastobak's role") {
        environment["DB_USER"] = "mastobak";
    }
    SECTION("in a URL") {
        environment["DATABASE_URL"] = fmt::format("postgres://mastobak@127.0.0.1:{}/m?passfile={}",
                                                  thief.port(), (directory / "pgpass").native());
    }
    const auto error = preflight();
    CHECK(error.hint().find("database.passfile") != std::string::npos);
    CHECK_THROWS_AS(postgres::Connection(backup::mastodons_settings(plan.instance)), Error);
    CHECK_FALSE(has_our_secret());
}

TEST_CASE_METHOD(Redirected, "a server that the configuration names gets the password") {
    config.database.passfile = directory / "pgpass";
    config.database.host = "127.0.0.1";
    config.database.port = thief.port();
    preflight();
    CHECK(has_our_secret());
}
