// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>

#include "core/as_user.hpp"
#include "core/error.hpp"
#include "postgres/failures.hpp"

namespace mastobak::postgres {
namespace {

/// 3318 of "3318 INDEX index_x"; 0 for none.
std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// What pg_restore --verbose tells: entries that are done, and the first error with its entry.
class Told {
 public:
    /// \param list of the entries that are wanted
    Told(std::string_view list, const OnEntry& on_entry) : on_entry_(on_entry) {
        while (!list.empty()) {
            wanted_.insert(number_of(list));
            list.remove_prefix(std::min(list.find('\n'), list.size() - 1) + 1);
        }
    }

    void take(std::string_view line) {
        constexpr std::string_view from = "pg_restore: from TOC entry ",
                                   error = "pg_restore: error: ";
        // Before the jobs begin, entries are told when they are begun, and in jobs at their end.
        for (const std::string_view done :
             {"pg_restore: processing item ", "pg_restore: finished item "})
            if (line.starts_with(done)) count(line.substr(done.size()));
        if (error_.empty() && line.starts_with(from)) entry_ = line.substr(from.size());
        if (error_.empty() && line.starts_with(error)) error_ = line.substr(error.size());
    }
    /// "ERROR:  could not create … (at 3318; 1259 16561 INDEX index_x mastodon)"
    std::string complaint() const {
        if (error_.empty() || entry_.empty()) return error_;
        return fmt::format("{} (at the entry '{}' of the dump)", error_, entry_);
    }

    /// All entries are done: lines of jobs that ran into each other were not understood.
    void finish() {
        if (!on_entry_ || done_ == wanted_.size()) return;
        done_ = wanted_.size();
        on_entry_(done_, wanted_.size(), "");
    }

 private:
    /// \param item "3318 INDEX index_x"
    void count(std::string_view item) {
        // Definitions that are not wanted are told as well.
        if (!on_entry_ || !wanted_.contains(number_of(item))) return;
        item.remove_prefix(std::min(item.find(' ') + 1, item.size()));
        done_ = std::min(done_ + 1, wanted_.size());
        on_entry_(done_, wanted_.size(), item);
    }

    std::set<std::int64_t> wanted_;
    const OnEntry& on_entry_;
    std::size_t done_ = 0;
    std::string entry_;
    std::string error_;
};

/// A name as a value of a connection string, which --dbname would otherwise take some names for.
std::string connection_string(std::string_view database) {
    std::string result = "dbname='";
    for (const char c : database) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "'";
}

/// What went wrong with each entry, where pg_restore goes on after an error.
class Failures {
 public:
    void take(std::string_view line) {
        constexpr std::string_view from = "pg_restore: from TOC entry ",
                                   error = "pg_restore: error: ",
                                   end = "pg_restore: warning: errors ignored on restore";
        if (line.starts_with(from)) {
            line.remove_prefix(from.size());
            id_ = number_of(line);
            entry_ = line;
        }
        if (line.starts_with(end)) at_end_ = true;
        if (!line.starts_with(error)) return;
        line.remove_prefix(error.size());
        if (of_.emplace(id_, line).second)
            texts_[id_] = fmt::format("{} (at the entry '{}' of the dump)", line, entry_);
    }
    /// Whether it went on to the last entry.
    bool at_end() const { return at_end_; }
    /// By entry: what PostgreSQL said.
    const std::map<std::int64_t, std::string>& all() const { return of_; }
    const std::string& text_of(std::int64_t id) const { return texts_.at(id); }

 private:
    std::int64_t id_ = 0;
    std::string entry_;
    std::map<std::int64_t, std::string> of_, texts_;
    bool at_end_ = false;
};

}  // namespace

void Loader::restore(const std::string& list, const OnEntry& on_entry,
                     std::string_view options) const {
    if (list.empty()) return;
    Told told(list, on_entry);
    auto command = pg_restore(what_.jobs);
    command.argv.insert(command.argv.end() - 1, {"--exit-on-error", "--no-privileges"});
    command.environment["PGOPTIONS"] += options;
    command.on_error_line = [&told](std::string_view line) { told.take(line); };
    const auto finished = execute(command, list);
    if (finished.ok()) return told.finish();
    const auto complaint = told.complaint();
    throw restore_error(settings_, complaint.empty() ? finished.reason() : complaint);
}

std::set<std::int64_t> Loader::restore_allowed(const std::string& list,
                                               const std::vector<TocEntry>& entries,
                                               bool privileges) const {
    if (list.empty()) return {};
    Failures failures;
    auto command = pg_restore(1);
    if (!privileges) command.argv.insert(command.argv.end() - 1, "--no-privileges");
    command.on_error_line = [&failures](std::string_view line) { failures.take(line); };
    const auto finished = execute(command, list);
    if (finished.ok()) return {};
    std::set<std::int64_t> refused;
    for (const auto& [id, error] : failures.all())
        if (id > 0 && is_of_rights(error)) refused.insert(id);
    const auto allowed = with_dependents(entries, refused);
    for (const auto& [id, error] : failures.all()) {
        if (!allowed.contains(id)) throw restore_error(settings_, failures.text_of(id));
        refused.insert(id);
    }
    if (!failures.at_end()) throw restore_error(settings_, finished.reason());
    return refused;
}

void Loader::add_foreign_keys(const std::string& list, const OnEntry& on_entry) const {
    // Merging two indexes that are new, and so lie in order on the disk, takes half as long as
    // hashing one of them, which PostgreSQL would do.
    restore(list, on_entry, " -c enable_hashjoin=off");
}

Command Loader::pg_restore(unsigned jobs) const {
    Command command{.argv = {tools_.pg_restore, "--no-password", "--no-owner", "--no-tablespaces",
                             "--no-security-labels", "--no-subscriptions", "--verbose",
                             "--use-list=/dev/stdin", fmt::format("--jobs={}", jobs),
                             "--dbname=" + connection_string(settings_.database)},
                    .environment = settings_.environment()};
    if (!what_.role.empty()) command.argv.push_back("--role=" + what_.role);
    command.argv.push_back(what_.dump);
    command.environment["PGAPPNAME"] = "mastobak restore";
    command.environment["LC_ALL"] = "C";  // for Told
    command.reach = settings_.reach({what_.dump});
    // Nothing is lost without waiting for the log: the renaming into place is committed after
    // all of this. And an index is not built by several processes: the jobs are those.
    command.environment["PGOPTIONS"] +=
        " -c synchronous_commit=off -c max_parallel_maintenance_workers=0";
    // A job may wait for others for as long as they take. Older servers do not know these.
    if (what_.server_major >= 14) command.environment["PGOPTIONS"] += " -c idle_session_timeout=0";
    if (what_.server_major >= 17) command.environment["PGOPTIONS"] += " -c transaction_timeout=0";
    return command;
}

Finished Loader::execute(Command& command, const std::string& list) const {
    std::string_view rest = list;
    command.input = [&rest](std::span<std::byte> block) {
        const auto size = std::min(rest.size(), block.size());
        std::memcpy(block.data(), rest.data(), size);
        rest.remove_prefix(size);
        return size;
    };
    Finished finished;
    const auto work = [&] { finished = run(command, stop_); };
    if (settings_.system_user.empty())
        work();
    else
        run_as_user(settings_.system_user, work);
    return finished;
}

}  // namespace mastobak::postgres
