// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/error.hpp"
#include "core/process.hpp"
#include "postgres/failures.hpp"

namespace mastobak::postgres {
namespace {

/// What pg_restore --verbose tells: entries that are done, and the first error with its entry.
class Told {
 public:
    Told(std::size_t entries, const OnEntry& on_entry) : entries_(entries), on_entry_(on_entry) {}

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

 private:
    /// \param item "3318 INDEX index_x"
    void count(std::string_view item) {
        if (!on_entry_) return;
        item.remove_prefix(std::min(item.find(' ') + 1, item.size()));
        done_ = std::min(done_ + 1, entries_);
        on_entry_(done_, entries_, item);
    }

    const std::size_t entries_;
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

class Loader {
 public:
    Loader(const Settings& settings, const Tools& tools, const Load& what, std::stop_token stop)
        : settings_(settings), tools_(tools), what_(what), stop_(std::move(stop)) {}

    /// \param list of the entries to be restored
    /// \param role that makes them; empty: the one that connects
    /// \param options more of PGOPTIONS
    void restore(const std::string& list, const std::string& role, const OnEntry& on_entry,
                 std::string_view options = {}) const {
        if (list.empty()) return;
        Told told(static_cast<std::size_t>(std::count(list.begin(), list.end(), '\n')), on_entry);
        auto command = pg_restore(role);
        command.environment["PGOPTIONS"] += options;
        std::string_view rest = list;
        command.input = [&rest](std::span<std::byte> block) {
            const auto size = std::min(rest.size(), block.size());
            std::memcpy(block.data(), rest.data(), size);
            rest.remove_prefix(size);
            return size;
        };
        command.on_error_line = [&told](std::string_view line) { told.take(line); };
        const auto finished = run(command, stop_);
        if (finished.ok()) return;
        const auto complaint = told.complaint();
        throw restore_error(settings_, complaint.empty() ? finished.reason() : complaint);
    }

 private:
    Command pg_restore(const std::string& role) const {
        Command command{.argv = {tools_.pg_restore, "--exit-on-error", "--no-password",
                                 "--no-owner", "--no-privileges", "--verbose",
                                 "--use-list=/dev/stdin", fmt::format("--jobs={}", what_.jobs),
                                 "--dbname=" + connection_string(settings_.database)},
                        .environment = settings_.environment()};
        if (!role.empty()) command.argv.push_back("--role=" + role);
        command.argv.push_back(what_.dump);
        command.environment["PGAPPNAME"] = "mastobak restore";
        command.environment["LC_ALL"] = "C";  // for Told
        // Nothing is lost without waiting for the log: the renaming into place is committed after
        // all of this. And an index is not built by several processes: the jobs are those.
        command.environment["PGOPTIONS"] +=
            " -c synchronous_commit=off -c max_parallel_maintenance_workers=0";
        return command;
    }

    const Settings& settings_;
    const Tools& tools_;
    const Load& what_;
    const std::stop_token stop_;
};

}  // namespace

void load(const Settings& settings, const Tools& tools, const Load& what,
          const DumpContents& contents, const OnEntry& on_entry, std::stop_token stop) {
    const Loader loader(settings, tools, what, std::move(stop));
    loader.restore(contents.schemas, what.owner, {});
    loader.restore(contents.extensions, "", {});
    loader.restore(contents.rest, what.owner, on_entry);
}

void add_foreign_keys(const Settings& settings, const Tools& tools, const Load& what,
                      const DumpContents& contents, const OnEntry& on_entry, std::stop_token stop) {
    // Merging two indexes that are new, and so lie in order on the disk, takes half as long as
    // hashing one of them, which PostgreSQL would do.
    Loader(settings, tools, what, std::move(stop))
        .restore(contents.foreign_keys, what.owner, on_entry, " -c enable_hashjoin=off");
}

void fill_views(const Settings& settings, const Tools& tools, const Load& what,
                const DumpContents& contents, std::stop_token stop) {
    Loader(settings, tools, what, std::move(stop)).restore(contents.views, what.owner, {});
}

}  // namespace mastobak::postgres
