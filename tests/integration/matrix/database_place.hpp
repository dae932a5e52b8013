// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/settings.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A server with a small database of Mastodon, in one of the ways in which admins run it.
class DatabasePlace {
 public:
    /// \param kind  one of kinds()
    /// \param major major version of PostgreSQL; 0: the newest installed one
    explicit DatabasePlace(const std::string& kind, int major = 0);

    static const std::vector<std::string>& kinds();

    static constexpr auto database = "mastodon_night";
    /// Returns the lines of .env.production for this database.
    const std::string& env() const { return env_; }
    /// Returns the settings for a restore to this server, with the database 'postgres'.
    const postgres::Settings& restorer() const { return restorer_; }
    /// Returns the server whose database a test inspects.
    const PostgresServer& server() const { return standby_ ? *standby_ : *server_; }
    /// Returns whether a backup of this database is refused.
    bool is_refused() const { return standby_ != nullptr; }

 private:
    void make_database(const std::string& owner) const;
    void by_network(bool with_tls);

    TemporaryDirectory directory_;  ///< certificates
    std::unique_ptr<PostgresServer> server_, standby_;
    std::string env_;
    postgres::Settings restorer_;
};

}  // namespace mastobak::test
