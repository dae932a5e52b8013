// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/command.hpp"

namespace mastobak::daemon {

struct CommandTraits {
    bool json = false;   ///< it takes --json, as its last option
    bool logs = false;   ///< it takes --verbose
    bool listed = true;  ///< in --help
    const char* example =
        nullptr;  ///< command lines, which --help shows; each listed command has one
};

/// A command of `mastobak`: its name, its options and its work. Each object at namespace scope
/// registers itself, so a new command is one new file in daemon/commands/. The work returns an exit
/// status (core/error.hpp) or throws Error.
class Subcommand {
 public:
    /// \tparam Request the values of the command's options
    /// \param place in the list of --help, which is in ascending order
    /// \param add declares the options, whose values are members of the request or of Options
    template <typename Request>
    Subcommand(int place, const char* name, const char* help,
               void (*add)(CLI::App&, Options&, Request&),
               int (*run)(const Options&, const Request&), CommandTraits traits = {})
        : Subcommand(
              place, name, help,
              [add, run](CLI::App& app, Options& options) -> Work {
                  const auto request = std::make_shared<Request>();
                  add(app, options, *request);
                  return [run, request, &options] { return run(options, *request); };
              },
              traits) {}
    /// A command without options of its own.
    Subcommand(int place, const char* name, const char* help, int (*run)(const Options&),
               CommandTraits traits = {})
        : Subcommand(
              place, name, help,
              [run](CLI::App&, Options& options) -> Work {
                  return [run, &options] { return run(options); };
              },
              traits) {}

    /// Adds every command to `app`.
    /// \param options receives the values of the options that several commands have; must outlive
    ///        `app`
    /// \param chosen receives the work of the command that the user chose
    static void add_all(CLI::App& app, Options& options, std::function<int()>& chosen);

 private:
    using Work = std::function<int()>;
    using Declare = std::function<Work(CLI::App&, Options&)>;

    Subcommand(int place, const char* name, const char* help, Declare declare,
               CommandTraits traits);
};

/// Returns the commands that --help lists.
std::vector<const CLI::App*> listed_commands(const CLI::App& program);
/// Returns the listed command of that name, or nullptr.
const CLI::App* find_command(const CLI::App& program, const std::string& name);

// The options that several commands have.

inline constexpr auto what_names_are =
    "a path in public/system, the id of an attachment, @user for all of an account, or the "
    "URL that a browser shows";

void add_json(CLI::App& command, Options& options);
void add_public_key(CLI::App& command, Options& options);
/// \param without what happens without the option
void add_source(CLI::App& command, std::string& from,
                const std::string& without = "staging, then the remotes");

/// Refuses --verbose for a command that would ignore it. Throws Error{usage}.
void refuse_verbose(const Options& options, const std::string& command);

}  // namespace mastobak::daemon
