// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Rows in a script of pg_restore. Not for other folders.
namespace mastobak::postgres {

/// Takes the rows out of an SQL script of pg_restore --data-only, which comes in blocks of any size.
/// The longest row is held in memory. See CopyCounter, which holds none.
class CopiedLines {
 public:
    /// \param on_copy told of "COPY public.accounts (…) FROM stdin;" before its rows
    /// \param on_row  of each row, as COPY writes it, without its line feed
    CopiedLines(std::function<void(std::string_view)> on_copy,
                std::function<void(std::string_view)> on_row)
        : on_copy_(std::move(on_copy)), on_row_(std::move(on_row)) {}

    /// Throws Error{corrupt} for a row of more than 256 MiB, and what the callbacks throw.
    void feed(std::span<const std::byte> block);

 private:
    void take(std::string_view line);

    const std::function<void(std::string_view)> on_copy_, on_row_;
    std::string line_;  ///< the part that has come of a line whose rest is in the next block
    bool in_rows_ = false;
};

/// The names of a list of columns as SQL writes it: "id, \"order\"" is id and order.
std::vector<std::string> listed_names(std::string_view list);

}  // namespace mastobak::postgres
