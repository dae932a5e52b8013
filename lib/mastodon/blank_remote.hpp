// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

/// Makes the SQL after which Mastodon fetches files of other servers again that a set does not
/// have. Pure text.
namespace mastobak::mastodon {

/// A table of a database, with its name for SQL. Mastodon's tables need not be in the schema
/// `public`.
struct Table {
    std::string sql{};
    std::set<std::string> columns{};
};
/// The tables by name, without the schema.
using Tables = std::map<std::string, Table>;

/// Returns statements that blank the file columns of rows whose files are below cache/, because
/// Mastodon fetches a remote file again only where these columns are blank. Rows of this instance,
/// and files of other servers that are not in cache/, do not change.
/// \param tables the tables of the database; missing tables and columns are skipped
/// Source: Mastodon's lib/mastodon/cli/media.rb, app/models/concerns/remotable.rb
std::vector<std::string> blank_remote_files(const Tables& tables);

/// Returns the commands that an admin still has to run as Mastodon's user, in this order.
/// \param repaired whether the statements of blank_remote_files() were run
/// \param lacking  whether the database names files of other servers that were not restored
/// \param bin      how a command starts that runs a program of Mastodon's directory bin
/// Source: Mastodon's lib/mastodon/cli/{media,preview_cards,accounts,feeds,search}.rb
std::vector<std::string> commands_after_restore(bool repaired, bool lacking,
                                                const std::string& bin);

}  // namespace mastobak::mastodon
