// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "postgres/restore/restore.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A database with Mastodon's tables and some rows, owned by role 'masto don', and the dump of it
/// as mastobak makes it, decompressed.
class Dumped {
 public:
    explicit Dumped(const std::string& database);
    /// \param sql run in the database before it is dumped again
    void again_with(const std::string& sql);

    const postgres::DumpedDatabase& facts() const { return facts_; }
    postgres::DumpedDatabase& facts() { return facts_; }
    const std::filesystem::path& file() const { return file_; }

 private:
    void dump();

    TemporaryDirectory directory_;
    std::string database_;
    std::filesystem::path file_ = directory_ / "database.dump";
    postgres::DumpedDatabase facts_;
};

/// A unique index of a database with a key twice in its table, as a changed collation leaves it.
void break_unique_index(const std::string& database);

}  // namespace mastobak::test
