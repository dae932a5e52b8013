// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "copy_writer.hpp"
#include "shape.hpp"
#include "words.hpp"

namespace mastobak::instance {

/// How large the database is; the other tables are in proportion to the statuses.
struct Population {
    std::uint64_t statuses = 1000;
    std::uint64_t accounts = 60;  ///< one in ten is local and has a user
    std::uint64_t seed = 1;
};

/// Each writes the tables of one theme of tests/support/mastodon_schema.sql. References hold,
/// though the script has switched their checks off: a restore checks them.
void write_accounts(CopyWriter& out, const Words& words, const Population& population,
                    const std::vector<Item>& items);
void write_statuses(CopyWriter& out, const Words& words, const Population& population);
void write_relations(CopyWriter& out, const Words& words, const Population& population);
/// The rows that name files, and those of other servers whose files were never fetched.
void write_media(CopyWriter& out, const Words& words, const Population& population,
                 const std::vector<Item>& items);

}  // namespace mastobak::instance
