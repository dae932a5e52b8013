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

/// The commands of `mastobak`, one file each (command_*.cpp). Each returns an exit status
/// (core/error.hpp) or throws Error.
namespace mastobak::daemon {

/// What all commands understand.
struct Options {
    std::filesystem::path config{"/etc/mastobak/mastobak.yaml"};
    bool config_given = false;  ///< by --config
    bool json = false;
    bool verbose = false;
    /// The public half of the key that signed a set, or a file with it: `--public-key`.
    std::string public_key{};
};

int command_daemon(const Options& options);
struct RunRequest {
    bool standalone = false;  ///< in this process, without the daemon
    bool upload = true;       ///< after a standalone run, try to copy what is queued
    bool follow = false;      ///< make no set, but follow the run that the daemon makes
    bool dry = false;         ///< do all that can be done while Mastodon runs, and make no set
};
int command_run(const Options& options, const RunRequest& request);
int command_cancel(const Options& options);
int command_status(const Options& options);
int command_list(const Options& options);
int command_show(const Options& options, const std::string& set);
/// What `mastobak verify` reads.
struct VerifyRequest {
    std::vector<std::string> sets{};  ///< names, or "latest", which none means as well
    bool all = false;                 ///< instead: every set there
    std::string from{};               ///< a remote of the configuration; empty: staging
    bool whole = false;               ///< also what the remote's own hash would prove
    std::optional<Bytes> bandwidth{};
};
int command_verify(const Options& options, const VerifyRequest& request);
/// What `mastobak repair` may do.
struct RepairRequest {
    std::string from{};  ///< the only place to heal from; empty: any that has it whole
    bool plan = false;   ///< say what would be done, and do nothing
    bool yes = false;    ///< ask nothing
};
int command_repair(const Options& options, const RepairRequest& request);
int command_verify_remote(const Options& options, const VerifyRequest& request);
/// \param what dry_run: in this process, without the daemon
int command_prune(const Options& options, backup::PruneOptions what);
/// \param set a name, or "latest"
int command_keep(const Options& options, const std::string& set, bool release);
/// Signs a set that only a remote has.
/// \param set  a name
/// \param from the name of a remote of the configuration
/// \param yes  the set is ours: it is not asked for
int command_adopt(const Options& options, const std::string& set, const std::string& from,
                  bool yes);
/// What `mastobak acknowledge` is asked for.
struct AcknowledgeRequest {
    std::vector<std::size_t> numbers{};  ///< of the list; none: all
    bool list = false;                   ///< say what there is, and do nothing
    bool undo = false;
};
int command_acknowledge(const Options& options, const AcknowledgeRequest& request);
/// \param from  where the set is (restore::find_source); empty: staging
/// \param set   a name, or "latest"
/// \param names what to list (restore::media_meant_by); none: all
int command_browse(const Options& options, const std::string& from, const std::string& set,
                   const std::vector<std::string>& names);
/// \param to a directory; what is extracted keeps its path below it
int command_extract(const Options& options, const std::string& from, const std::string& set,
                    const std::vector<std::string>& names, const std::filesystem::path& to);
struct RestoreRequest;
int command_restore(const Options& options, const RestoreRequest& request);
/// \param from see restore::find_source; empty: `drill.from`
/// \param standalone in this process, without the daemon
/// \param explain which rows differ is narrowed down
int command_drill(const Options& options, const std::string& set, const std::string& from,
                  bool standalone, bool explain);
int command_check_config(const Options& options);
int command_upload(const Options& options);
int command_resume_units(const Options& options);
int command_make_journal(const Options& options);
/// What mastobak-drill@.service runs: the PostgreSQL of a drill.
/// \param instance of the unit (postgres::parse_scratch_instance); empty: removes what was left
/// \param trusted  the user who may log in as the superuser, beside root
int command_drill_server(const std::string& instance, const std::string& trusted);
/// What mastobak-boot@.service runs: Mastodon's program, for the drill that asks for it.
int command_drill_boot();
/// \param force     replaces a configuration that is there
/// \param directory of Mastodon; empty: it is found
int command_setup(const Options& options, bool force, const std::string& directory);

/// Loads the configuration; prints every problem, one a line, and throws Error{config}.
config::Config load_config(const Options& options);

/// The set of that name, or the newest one for "latest" and "".
/// Throws Error{usage} when there is none.
std::string find_set(const config::Config& config, const std::string& name);

/// With a hint for who is at the terminal: other users than root hear of root where they were
/// refused, not of room or of the unit's settings.
Error for_reader(const Error& error);

/// An error as the user sees it: one line on standard error, or an object on standard output.
void print_error(const Options& options, const Error& error);

}  // namespace mastobak::daemon
