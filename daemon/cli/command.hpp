// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/retention/prune.hpp"
#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/error.hpp"
#include "restore/source/find_source.hpp"

/// The commands of `mastobak`. Each returns an exit status (core/error.hpp) or throws Error.
namespace mastobak::daemon {

/// The options of all commands.
struct Options {
    std::filesystem::path config{"/etc/mastobak/mastobak.yaml"};
    bool config_given = false;  ///< --config was given
    bool json = false;
    bool verbose = false;
    /// `--public-key`: the public key that signed a set, or a file with it.
    std::string public_key{};
};

int command_daemon(const Options& options);
/// The arguments of `mastobak run`.
struct RunRequest {
    bool standalone = false;  ///< run in this process, without the daemon
    bool upload = true;       ///< upload queued sets after a standalone run
    bool follow = false;      ///< start no run, only follow the one in progress
    bool dry = false;         ///< a dry run
};
int command_run(const Options& options, const RunRequest& request);
int command_cancel(const Options& options);
int command_status(const Options& options);
int command_list(const Options& options);
int command_show(const Options& options, const std::string& set);
/// The arguments of `mastobak verify`.
struct VerifyRequest {
    std::vector<std::string> sets{};  ///< names, or "latest"; empty means "latest"
    bool all = false;                 ///< verify every set instead
    std::string from{};               ///< name of a remote; empty for staging
    bool whole = false;  ///< read all objects, also where the remote's own hash suffices
    std::optional<Bytes> bandwidth{};  ///< bytes per second; nullopt: the configured limit
};
int command_verify(const Options& options, const VerifyRequest& request);
/// The arguments of `mastobak repair`.
struct RepairRequest {
    std::string from{};  ///< the only place to copy from; empty: any with an undamaged copy
    bool plan = false;   ///< only print what would be done
    bool yes = false;    ///< do not ask for confirmation
};
int command_repair(const Options& options, const RepairRequest& request);
int command_verify_remote(const Options& options, const VerifyRequest& request);
/// \param what with `dry_run`, the command works in this process, without the daemon
int command_prune(const Options& options, backup::PruneOptions what);
/// \param set a name, or "latest"
int command_keep(const Options& options, const std::string& set, bool release);
/// Signs a set that only a remote has.
/// \param set the name of the set
/// \param from the name of a remote of the configuration
/// \param yes  do not ask whether this host made the set
int command_adopt(const Options& options, const std::string& set, const std::string& from,
                  bool yes);
/// The arguments of `mastobak acknowledge`.
struct AcknowledgeRequest {
    std::vector<std::size_t> numbers{};  ///< line numbers of the list; empty: all
    bool list = false;                   ///< only print the list
    bool undo = false;
};
int command_acknowledge(const Options& options, const AcknowledgeRequest& request);
/// Lists the media of a set.
/// \param from  the place of the set (restore::find_source); empty: staging
/// \param set   a name, or "latest"
/// \param names paths, IDs, URLs or accounts (restore::media_meant_by); empty: all media
int command_browse(const Options& options, const std::string& from, const std::string& set,
                   const std::vector<std::string>& names);
/// Copies media of a set into a directory.
/// \param from, set, names as for command_browse()
/// \param to the directory; the files keep their paths below it
int command_extract(const Options& options, const std::string& from, const std::string& set,
                    const std::vector<std::string>& names, const std::filesystem::path& to);
struct RestoreRequest;
int command_restore(const Options& options, const RestoreRequest& request);
/// Makes a drill.
/// \param from see restore::find_source; empty: `drill.from`
/// \param standalone run in this process, without the daemon
/// \param explain narrow down which rows differ
int command_drill(const Options& options, const std::string& set, const std::string& from,
                  bool standalone, bool explain);
int command_check_config(const Options& options);
int command_upload(const Options& options);
int command_resume_units(const Options& options);
int command_make_journal(const Options& options);
/// The command of mastobak-drill@.service: the scratch server of a drill.
/// \param instance instance name of the unit (postgres::parse_scratch_instance); empty: removes the
///        remains of earlier servers
/// \param trusted the user besides root who may log in as the superuser
int command_drill_server(const std::string& instance, const std::string& trusted);
/// The command of mastobak-boot@.service: starts Mastodon's program for a drill.
int command_drill_boot();
/// \param force replace an existing configuration
/// \param directory Mastodon's directory; empty: search for it
int command_setup(const Options& options, bool force, const std::string& directory);

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

}  // namespace mastobak::daemon
