// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "copy_writer.hpp"
#include "shape.hpp"
#include "words.hpp"

namespace mastobak::instance {

/// The size of the database. The size of the other tables depends on the number of statuses.
struct Population {
    std::uint64_t statuses = 1000;
    std::uint64_t accounts = 60;  ///< one in ten is local and has a user
    std::uint64_t seed = 1;
    /// Statuses and accounts with a lower number have been written before. Only the others are
    /// written, and the rows that belong to them. New statuses refer only to new ones, because
    /// older ones may have been deleted.
    std::uint64_t first_status = 0;
    std::uint64_t first_account = 0;
};

/// Each function writes some tables of tests/support/mastodon_schema.sql. All references are valid,
/// although the script disables their checks, because a restore checks them.
void write_accounts(CopyWriter& out, const Words& words, const Population& population,
                    const std::vector<Item>& items);
void write_statuses(CopyWriter& out, const Words& words, const Population& population);
void write_relations(CopyWriter& out, const Words& words, const Population& population);
/// Writes the rows that name files, and rows of other servers whose files were never fetched.
void write_media(CopyWriter& out, const Words& words, const Population& population,
                 const std::vector<Item>& items);

}  // namespace mastobak::instance
