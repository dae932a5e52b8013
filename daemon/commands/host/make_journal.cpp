// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <random>
#include <string>

#include "core/error.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/jobs/journal_keeper.hpp"
#include "units/descriptor_store.hpp"

namespace mastobak::daemon {
namespace {

bool has_stored_one(const config::Config& config) {
    const auto count = with_systemd(config.instance, [&](units::UnitControl& control) {
        return control.property(config.instance.unit(), "NFileDescriptorStore");
    });
    return count.value_or("0") != "0";
}

/// Returns a unique name, by which the daemon assigns its stored changes to a journal.
std::string new_name() {
    std::random_device random;
    return fmt::format("{}{:08x}{:08x}", journal_name_prefix, random(), random());
}

// systemd runs this as root before each start of the daemon. A restart continues with the journal
// that systemd keeps. The daemon also works without a journal, so errors are only logged.
int command_make_journal(const Options& options) {
    try {
        const auto config = load_config(options);
        if (has_stored_one(config)) return 0;
        if (const auto group = make_journal_group(config))
            units::store_descriptor(group->fd.get(), new_name());
        return 0;
    } catch (const Error& error) {
        say_error("<4>there is no change journal, so each run walks the media: {}\n", error.what());
        return exit_status(error.code());
    }
}

// Only mastobak.service uses this command, so the help does not list it.
const Subcommand make_journal_command(210, "make-journal",
                                      "create the change journal in the kernel",
                                      command_make_journal, {.logs = true, .listed = false});

}  // namespace
}  // namespace mastobak::daemon
