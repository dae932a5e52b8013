// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/settings.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A server with a small database of Mastodon's, as some admins have it.
class DatabasePlace {
 public:
    /// \param kind  one of kinds()
    /// \param major of PostgreSQL; 0: the newest that is installed
    explicit DatabasePlace(const std::string& kind, int major = 0);

    static const std::vector<std::string>& kinds();

    static constexpr auto database = "mastodon_night";
    /// What .env.production has of it.
    const std::string& env() const { return env_; }
    /// As whom it is restored into, from the database 'postgres'.
    const postgres::Settings& restorer() const { return restorer_; }
    /// Where the database is that is to be looked at.
    const PostgresServer& server() const { return standby_ ? *standby_ : *server_; }
    /// Nothing can be backed up from there.
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
