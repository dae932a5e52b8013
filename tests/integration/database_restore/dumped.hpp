// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "postgres/restore/restore.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A database with Mastodon's tables and some rows, which role 'masto don' owns, and its dump as
/// mastobak makes it, decompressed.
class Dumped {
 public:
    explicit Dumped(const std::string& database);
    /// Dumps the database again.
    /// \param sql run in the database before
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

/// Makes a database whose table has the same key twice despite a unique index, as after a change of
/// the collation.
void break_unique_index(const std::string& database);

}  // namespace mastobak::test
