// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "core/error.hpp"
#include "core/instance.hpp"
#include "postgres/settings.hpp"

/// What all commands have.
namespace mastobak::daemon {

/// The options of all commands.
struct Options {
    Instance instance{};  ///< --instance
    std::filesystem::path config = Instance().configuration();
    bool config_given = false;  ///< --config was given
    bool json = false;
    bool verbose = false;
    /// `--public-key`: the public key that signed a set, or a file with it.
    std::string public_key{};
    /// PGPASSFILE and PGPASSWORD, which the environment of this process no longer has.
    postgres::Variables variables{};
};

/// Loads the configuration. If it has problems, prints one line for each and throws Error{config}.
config::Config load_config(const Options& options);

/// Returns the set of that name, or the newest one for "latest" and "".
/// Throws Error{usage} when there is no such set.
std::string find_set(const config::Config& config, const std::string& name);

/// Adapts the hint of an error to the user at the terminal: if the user is not root and access was
/// denied, the hint recommends root, not free space or the settings of the unit.
Error for_reader(const Error& error);

/// Prints an error: one line on standard error, or with --json an object on standard output.
void print_error(const Options& options, const Error& error);

/// Returns the entry of `offsite:` with that name.
/// Throws Error{usage} when there is none.
const config::Remote& remote_named(const config::Config& config, const std::string& name);

}  // namespace mastobak::daemon
