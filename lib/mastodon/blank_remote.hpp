// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

/// The SQL that makes Mastodon fetch again what others own and a set does not have. Pure text.
namespace mastobak::mastodon {

/// A table of a database, with its name as SQL has it: Mastodon's need not be in schema public.
struct Table {
    std::string sql{};
    std::set<std::string> columns{};
};
/// By name, without the schema.
using Tables = std::map<std::string, Table>;

/// Statements that blank the file columns of the rows whose files are below cache/: Mastodon
/// fetches a remote file again only where they are blank. Rows of this instance's own, and files of
/// others that are not in cache/, stay as they are.
/// \param tables of the database; what it lacks is left out
/// Source: Mastodon's lib/mastodon/cli/media.rb, app/models/concerns/remotable.rb
std::vector<std::string> blank_remote_files(const Tables& tables);

/// What an admin still has to run as Mastodon's user, in this order.
/// \param repaired whether blank_remote_files() was done
/// \param lacking  whether the database names files of others that were not restored
/// Source: Mastodon's lib/mastodon/cli/{media,preview_cards,accounts,feeds,search}.rb
std::vector<std::string> commands_after_restore(bool repaired, bool lacking);

}  // namespace mastobak::mastodon
