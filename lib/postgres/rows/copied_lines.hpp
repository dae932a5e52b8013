// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Rows in a script of pg_restore. Internal to postgres/.
namespace mastobak::postgres {

/// Extracts the rows from an SQL script of pg_restore --data-only, which is fed in blocks of any
/// size. It holds one row in memory at a time; CopyCounter holds none, but only counts the rows.
class CopiedLines {
 public:
    /// \param on_copy called with "COPY public.accounts (…) FROM stdin;" before the rows of a table
    /// \param on_row  called with each row, as COPY writes it, without its line feed
    CopiedLines(std::function<void(std::string_view)> on_copy,
                std::function<void(std::string_view)> on_row)
        : on_copy_(std::move(on_copy)), on_row_(std::move(on_row)) {}

    /// Throws Error{corrupt} for a row of more than 256 MiB, and the exceptions of the callbacks.
    void feed(std::span<const std::byte> block);

 private:
    void take(std::string_view line);

    const std::function<void(std::string_view)> on_copy_, on_row_;
    std::string line_;  ///< the beginning of a line that continues in the next block
    bool in_rows_ = false;
};

/// Parses a list of column names in SQL: returns id and order for "id, \"order\"".
std::vector<std::string> listed_names(std::string_view list);

}  // namespace mastobak::postgres
