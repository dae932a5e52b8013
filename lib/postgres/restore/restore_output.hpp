// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

/// Parsers for the output of pg_restore. The names in it come from the dump, and messages from the
/// server. Internal to postgres/.
namespace mastobak::postgres {

/// Called with the number of entries done, of all entries, and the name of the last one ("INDEX
/// index_accounts_on_uri").
using OnEntry = std::function<void(std::size_t done, std::size_t of, std::string_view entry)>;

/// Parses the output of pg_restore --verbose: counts the finished entries, and keeps the first
/// error with its entry.
class RestoreOutput {
 public:
    /// \param list     ids of the entries to count, as in DumpContents
    /// \param on_entry outlives this object
    RestoreOutput(std::string_view list, const OnEntry& on_entry);

    void take(std::string_view line);
    /// Returns the first error with its entry; empty if there was none.
    std::string complaint() const;
    /// Reports all entries as done, after pg_restore has succeeded. Some may not have been counted,
    /// because the jobs of pg_restore can mix up their output lines.
    void finish();

 private:
    void count(std::string_view item);

    std::set<std::int64_t> wanted_;
    const OnEntry& on_entry_;
    std::size_t done_ = 0;
    std::string entry_;
    std::string error_;
};

/// Parses the errors of a pg_restore that continues after an error, one for each failed entry.
class EntryFailures {
 public:
    void take(std::string_view line);
    /// Returns whether pg_restore continued to the last entry.
    bool at_end() const { return at_end_; }
    /// Returns PostgreSQL's message for each failed entry. The key is the entry's id.
    const std::map<std::int64_t, std::string>& all() const { return of_; }
    /// Returns the message with the name of its entry.
    /// \param id an ID in all()
    const std::string& text_of(std::int64_t id) const { return texts_.at(id); }

 private:
    std::int64_t id_ = 0;
    std::string entry_;
    std::map<std::int64_t, std::string> of_, texts_;
    bool at_end_ = false;
};

/// Returns whether an error message of PostgreSQL (in English) is about missing rights or roles,
/// and not about the content of a set.
bool is_of_rights(std::string_view error);

}  // namespace mastobak::postgres
