// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

/// The lines that pg_restore prints: names and messages in them are the dump's and its server's.
/// Not for other folders.
namespace mastobak::postgres {

/// Called with entries done, of all, and the last one ("INDEX index_accounts_on_uri").
using OnEntry = std::function<void(std::size_t done, std::size_t of, std::string_view entry)>;

/// What pg_restore --verbose prints: entries that are done, and the first error with its entry.
class RestoreOutput {
 public:
    /// \param list     of the entries that are wanted, as in DumpContents
    /// \param on_entry outlives this
    RestoreOutput(std::string_view list, const OnEntry& on_entry);

    void take(std::string_view line);
    /// "ERROR:  could not create … (at 3318; 1259 16561 INDEX index_x mastodon)"; empty: no error.
    std::string complaint() const;
    /// All entries are done: lines of jobs that ran into each other were not understood.
    void finish();

 private:
    void count(std::string_view item);

    std::set<std::int64_t> wanted_;
    const OnEntry& on_entry_;
    std::size_t done_ = 0;
    std::string entry_;
    std::string error_;
};

/// What went wrong with each entry, where pg_restore continues after an error.
class EntryFailures {
 public:
    void take(std::string_view line);
    /// Whether it went on to the last entry.
    bool at_end() const { return at_end_; }
    /// By entry: what PostgreSQL said.
    const std::map<std::int64_t, std::string>& all() const { return of_; }
    /// \param id one of those in all()
    const std::string& text_of(std::int64_t id) const { return texts_.at(id); }

 private:
    std::int64_t id_ = 0;
    std::string entry_;
    std::map<std::int64_t, std::string> of_, texts_;
    bool at_end_ = false;
};

/// Whether what PostgreSQL says (in English) is a matter of rights or roles, and not of what a set
/// has.
bool is_of_rights(std::string_view error);

}  // namespace mastobak::postgres
