// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/crypto/row_digest.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// Counts the rows in an SQL script of pg_restore --data-only, which is fed in blocks of any size.
/// The rows are the lines between "COPY schema.table (…) FROM stdin;" and "\.".
class CopyCounter {
 public:
    CopyCounter() = default;
    /// Also computes a digest of the rows of each table.
    explicit CopyCounter(const RowKey& key) : digester_(std::in_place, key) {}

    void feed(std::span<const std::byte> block);

    /// Returns the counts. Throws Error{corrupt} when the script ends within a table.
    RowCounts finish();
    /// Returns the digests of the same tables, if there is a key. Call it before finish().
    const std::map<std::string, RowDigest>& digests() const { return digests_; }

 private:
    void take(std::string_view piece);
    void end_line();
    void end_statement();
    void end_table();

    RowCounts counts_;
    std::optional<RowDigester> digester_;
    std::map<std::string, RowDigest> digests_;
    RowDigest* digest_ = nullptr;   ///< digest of the current table; null between tables
    std::string line_;              ///< the beginning of a line that continues in the next block
    std::int64_t* rows_ = nullptr;  ///< count of the current table; null between tables
};

/// Returns "public.My table" for the line "COPY public."My table" (…) FROM stdin;"; nullopt for any
/// other line.
std::optional<std::string> copied_table(std::string_view line);

/// Returns "id, "order"" for the line "COPY public.accounts (id, "order") FROM stdin;", with or
/// without a line feed at its end; empty for a table without columns and for any other line.
std::string copied_column_list(std::string_view line);

/// Returns whether a line begins a COPY statement that continues in the next line, because a quoted
/// name contains a line feed.
bool is_open_statement(std::string_view text);

}  // namespace mastobak::postgres
