// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/failures.hpp"

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
    auto call = call_of(list, what_.jobs);
    call.exit_on_error = call.no_privileges = true;
    call.session_options += options;
    call.on_error_line = [&output](std::string_view line) { output.take(line); };
    const auto finished = execute(call);
    if (finished.ok()) return output.finish();
    const auto complaint = output.complaint();
    throw restore_error(settings_, complaint.empty() ? finished.reason() : complaint);
}

std::set<std::int64_t> Loader::restore_allowed(const std::string& list,
                                               const std::vector<TocEntry>& entries,
                                               bool privileges) const {
    if (list.empty()) return {};
    EntryFailures failures;
    auto call = call_of(list, 1);
    call.no_privileges = !privileges;
    call.on_error_line = [&failures](std::string_view line) { failures.take(line); };
    const auto finished = execute(call);
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

RestoreCall Loader::call_of(const std::string& list, unsigned jobs) const {
    RestoreCall call{.settings = settings_,
                     .session_options = settings_.environment()["PGOPTIONS"],
                     .dump = what_.dump,
                     .list = list,
                     .role = what_.role,
                     .jobs = jobs};
    // Commits need not wait for the write-ahead log, as the final rename is committed after all of
    // them. One process builds each index, as the jobs already run in parallel.
    call.session_options += " -c synchronous_commit=off -c max_parallel_maintenance_workers=0";
    // A job may wait for other jobs without a limit. Older servers do not know these settings.
    if (what_.server_major >= 14) call.session_options += " -c idle_session_timeout=0";
    if (what_.server_major >= 17) call.session_options += " -c transaction_timeout=0";
    return call;
}

Command Loader::command_of(const RestoreCall& call) const {
    Command command{.argv = {tools_.pg_restore, "--no-password", "--no-owner", "--no-tablespaces",
                             "--no-security-labels", "--no-subscriptions", "--verbose",
                             "--use-list=/dev/stdin", fmt::format("--jobs={}", call.jobs),
                             "--dbname=" + connection_string(call.settings.database)},
                    .environment = call.settings.environment()};
    if (call.exit_on_error) command.argv.emplace_back("--exit-on-error");
    if (call.no_privileges) command.argv.emplace_back("--no-privileges");
    if (!call.role.empty()) command.argv.push_back("--role=" + call.role);
    command.argv.push_back(call.dump);
    command.environment["PGAPPNAME"] = "mastobak restore";
    command.environment["LC_ALL"] = "C";  // RestoreOutput parses English messages
    command.environment["PGOPTIONS"] = call.session_options;
    command.on_error_line = call.on_error_line;
    command.reach = call.settings.reach({call.dump});
    return command;
}

Finished Loader::execute(const RestoreCall& call) const {
    if (tools_.run_restore) return tools_.run_restore(call, stop_);
    auto command = command_of(call);
    std::string_view rest = call.list;
    command.input = [&rest](std::span<std::byte> block) {
        const auto size = std::min(rest.size(), block.size());
        std::memcpy(block.data(), rest.data(), size);
        rest.remove_prefix(size);
        return size;
    };
    Finished finished;
    run_as_user(settings_.system_user, [&] { finished = run(command, stop_); });
    return finished;
}

}  // namespace mastobak::postgres
