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
#include <vector>

#include "core/crypto/row_digest.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// Counts the rows in an SQL script of pg_restore --data-only, which comes in blocks of any size:
/// lines between "COPY schema.table (…) FROM stdin;" and "\.".
class CopyCounter {
 public:
    CopyCounter() = default;
    /// Takes digests of the rows as well.
    explicit CopyCounter(const RowKey& key) : digester_(std::in_place, key) {}

    void feed(std::span<const std::byte> block);

    /// What was counted. Throws Error{corrupt} when the script ends within a table.
    RowCounts finish();
    /// Digests of the same tables, where there is a key. Before finish().
    const std::map<std::string, RowDigest>& digests() const { return digests_; }

 private:
    void take(std::string_view piece);
    void end_line();
    void end_statement();
    void end_table();

    RowCounts counts_;
    std::optional<RowDigester> digester_;
    std::map<std::string, RowDigest> digests_;
    RowDigest* digest_ = nullptr;  ///< as rows_
    std::string line_;  ///< what there is of a line that continues in the next block: its beginning
    std::int64_t* rows_ = nullptr;  ///< of the table whose rows come; none between tables
};

/// The table of a line "COPY public."My table" (…) FROM stdin;", as "public.My table"; nothing for
/// any other line.
std::optional<std::string> copied_table(std::string_view line);

/// "id, "order"" of a line "COPY public.accounts (id, "order") FROM stdin;", with or without a line
/// feed at its end; empty where the table has no columns, and for any other line.
std::string copied_column_list(std::string_view line);

/// Whether that is the beginning of a COPY statement, which ends in a later line: names may hold
/// line feeds.
bool is_open_statement(std::string_view text);

}  // namespace mastobak::postgres
