// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "postgres/restore/new_database.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/restore/restore_login.hpp"
#include "postgres/restore/restore_target.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {
namespace {

/// Creates a role and an empty database, logs in as the restore will, and drops both. Only a real
/// login shows which roles may connect, and from where.
void try_to_log_in(const Settings& settings, const DumpedDatabase& dumped,
                   const RestoreOptions& options, const std::stop_token& stop) {
    const auto owner = options.owner.empty() ? owner_to_be(settings, dumped, stop) : options.owner;
    const bool owner_is_there = !Connection(settings, stop)
                                     .query("SELECT FROM pg_roles WHERE rolname = $1", {owner})
                                     .empty();
    const auto now = to_set_name(std::chrono::system_clock::now());
    RestoreLogin login(settings, options, owner, now, stop);
    if (login.owner_now() == owner && !owner_is_there) return;  // the restore creates it, or fails
    const NewDatabase database(settings, options.database, now, login.owner_now(), dumped);
    try {
        login.find_way(database.name(), stop);
    } catch (const Error& error) {
        // The restore tries last to log in as the owner, and it may have to create that role first.
        if (error.code() != Errc::database || owner_is_there) throw;
    }
}

}  // namespace

void check_before_restore(const Settings& settings, const DumpedDatabase& dumped,
                          const RestoreOptions& options, std::stop_token stop) {
    Connection connection(settings, stop);
    check_server(connection, dumped);
    check_locale(connection, dumped);
    find_restore_tools(connection.server_major(), major_of(dumped.pg_dump_version),
                       options.bin_directory);
    check_is_free(connection, settings, options);
    if (!options.login) try_to_log_in(settings, dumped, options, stop);
}

}  // namespace mastobak::postgres
