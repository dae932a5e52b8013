// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/as_user.hpp"
#include "core/error.hpp"
#include "postgres/failures.hpp"
#include "postgres/restore/restore_output.hpp"

namespace mastobak::postgres {
namespace {

/// Returns a connection string with a database name, as --dbname would parse some names as a
/// connection string.
std::string connection_string(std::string_view database) {
    std::string result = "dbname='";
    for (const char c : database) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "'";
}

}  // namespace

void Loader::restore(const std::string& list, const OnEntry& on_entry,
                     std::string_view options) const {
    if (list.empty()) return;
    RestoreOutput output(list, on_entry);
    auto command = pg_restore(what_.jobs);
    command.argv.insert(command.argv.end() - 1, {"--exit-on-error", "--no-privileges"});
    command.environment["PGOPTIONS"] += options;
    command.on_error_line = [&output](std::string_view line) { output.take(line); };
    const auto finished = execute(command, list);
    if (finished.ok()) return output.finish();
    const auto complaint = output.complaint();
    throw restore_error(settings_, complaint.empty() ? finished.reason() : complaint);
}

std::set<std::int64_t> Loader::restore_allowed(const std::string& list,
                                               const std::vector<TocEntry>& entries,
                                               bool privileges) const {
    if (list.empty()) return {};
    EntryFailures failures;
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
    // PostgreSQL would choose a hash join. A merge join takes half as long, as new indexes are in
    // order on disk.
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
    command.environment["LC_ALL"] = "C";  // RestoreOutput parses English messages
    command.reach = settings_.reach({what_.dump});
    // Commits need not wait for the write-ahead log, as the final rename is committed after all of
    // them. One process builds each index, as the jobs already run in parallel.
    command.environment["PGOPTIONS"] +=
        " -c synchronous_commit=off -c max_parallel_maintenance_workers=0";
    // A job may wait for other jobs without a limit. Older servers do not know these settings.
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
