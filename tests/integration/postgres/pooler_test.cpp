// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <thread>

#include "core/process/process.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using postgres::Connection;
namespace fs = std::filesystem;

namespace {

/// A real PgBouncer in front of the shared server.
class PgBouncer {
 public:
    explicit PgBouncer(const std::string& pool_mode) {
        fs::permissions(directory_.path(), fs::perms::all);
        test::write(directory_ / "users", "\"postgres\" \"\"\n");
        test::write(
            directory_ / "ini",
            fmt::format("[databases]\n* = host={} port=5432\n[pgbouncer]\nlisten_port = "
                        "6432\nunix_socket_dir = {}\nauth_type = trust\npool_mode = {}\n"
                        "auth_file = {}\n",
                        test::PostgresServer::shared().socket_directory().native(),
                        directory_.path().native(), pool_mode, (directory_ / "users").native()));
        thread_ = std::jthread([this](const std::stop_token& stop) {
            try {
                run({.argv = {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups",
                              "--pdeathsig=KILL", "/usr/sbin/pgbouncer", "-q", directory_ / "ini"}},
                    stop);
            } catch (const Error&) {
                // The destructor cancels it.
            }
        });
        REQUIRE(test::eventually([this] { return fs::exists(directory_ / ".s.PGSQL.6432"); }));
    }

    postgres::Settings settings() const {
        return {
            .host = directory_.path(), .port = 6432, .database = "postgres", .user = "postgres"};
    }

 private:
    test::TemporaryDirectory directory_;
    std::jthread thread_;
};

}  // namespace

TEST_CASE("PgBouncer is refused in any mode, with the server's own port as a hint") {
    const auto* mode = GENERATE("transaction", "session");
    const PgBouncer bouncer(mode);
    const auto error = test::error_of([&] { Connection c(bouncer.settings()); });
    CHECK(error.code() == Errc::database);
    CHECK(test::contains(error.text(), "PgBouncer"));
    CHECK(test::contains(error.hint(), "set database.port to PostgreSQL's own port, 5432"));
}

TEST_CASE("a PgBouncer that refuses us itself is guessed from its port") {
    const PgBouncer bouncer("transaction");
    auto settings = bouncer.settings();
    settings.user = "nobody";
    const auto error = test::error_of([&] { Connection c(settings); });
    CHECK(error.code() == Errc::database);
    CHECK(test::contains(error.what(), "PgBouncer"));
}
