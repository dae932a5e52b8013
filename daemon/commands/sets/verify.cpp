// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/commands/sets/verify.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/json.hpp"
#include "daemon/scratch_directory.hpp"
#include "media/backup_tree.hpp"
#include "restore/source/verify_dump.hpp"
#include "scrub/scrub.hpp"
#include "store/formats/signature.hpp"
#include "store/marks.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"

namespace mastobak::daemon {
namespace {

/// The largest number of problems that are printed for a set: one damaged pack may cause hundreds.
constexpr std::size_t most_told = 8;

void print(const store::VerifyReport& report) {
    const auto& problems = report.problems;
    const auto told = std::min(problems.size(), most_told);
    for (std::size_t i = 0; i < told; ++i) say("{}: DAMAGED: {}\n", report.set, problems[i]);
    if (problems.size() > told)
        say("{}: DAMAGED: and {}, which --json lists\n", report.set,
            counted(problems.size() - told, "more problem"));
    const auto away = report.away.empty()
                          ? std::string()
                          : fmt::format("; {} off-site only and not read",
                                        counted(report.away.size(), "pack is", "packs are"));
    if (!report.foreign.empty()) say("{}: NOT KNOWN TO BE OURS: {}\n", report.set, report.foreign);
    if (report.problems.empty())
        say("{}: good ({}, {} read{})\n", report.set, counted(report.files, "file"),
            to_string(report.bytes), away);
}

/// Records the result for retention, which counts only good sets. For a read-only copy, this fails
/// with a warning.
void remember(const store::Staging& staging, const store::VerifyReport& report) {
    try {
        store::note_verified(staging, report);
    } catch (const Error& error) {
        say_error("warning: the result could not be recorded for retention: {}\n", error.what());
    }
}

/// Records in the ledger what this command has read, for the scrub and for `mastobak status`. Does
/// so only as the owner of the state directory: root would create files that the daemon cannot
/// write.
void count_as_read(const config::Config& config, const store::VerifyReport& report) {
    struct stat status {};
    if (::stat(config.state_directory.c_str(), &status) != 0 || status.st_uid != ::geteuid())
        return;
    try {
        const ScratchDirectory scratch;
        SystemClock clock;
        scrub::note_verified({config, clock, scratch.path()}, report);
    } catch (const Error& error) {
        say_error("warning: the result could not be recorded for the daemon: {}\n", error.what());
    }
}

Bytes rate_of(const std::string& text) {
    const auto rate = parse_bytes(text.substr(0, text.rfind("/s")));
    if (!rate || rate->count == 0)
        throw CLI::ValidationError("--bandwidth", "'" + text + "' is not a rate such as '5 MiB'");
    return *rate;
}

}  // namespace

void add_options(CLI::App& command, Options&, VerifyRequest& request) {
    auto* names = command.add_option("SET", request.sets, "names of the sets, or latest");
    command.add_flag("--all", request.all, "all sets, in staging or at the remote of --from")
        ->excludes(names);
    command
        .add_option(
            "--from", request.from,
            "verify the sets at this remote of the configuration, instead of those in staging")
        ->type_name("REMOTE");
    command.add_flag("--whole", request.whole,
                     "with --from: read every object, also those that could be compared by a hash "
                     "of the remote");
    command
        .add_option_function<std::string>(
            "--bandwidth",
            [&request](const std::string& rate) { request.bandwidth = rate_of(rate); },
            "with --from: the most to read in a second, such as '5 MiB'; by default the remote's "
            "bandwidth")
        ->type_name("RATE");
}

int command_verify(const Options& options, const VerifyRequest& request) {
    if (!request.from.empty()) return command_verify_remote(options, request);
    if (request.whole || request.bandwidth)
        throw Error(Errc::usage, "--whole and --bandwidth are for a remote", "add --from REMOTE");
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    const store::Staging staging(config.staging.path);
    // Without any set, --all fails like any other name, because nothing was verified.
    std::vector<std::string> sets;
    for (const auto& name : request.sets) sets.push_back(find_set(config, name));
    if (sets.empty()) sets.push_back(find_set(config, "latest"));
    if (request.all) sets = staging.list();
    const auto keys = store::read_keys(config.state_directory).trusted;
    auto reports = Json::array();
    bool good = true;
    for (const auto& set : sets) {
        auto report =
            store::verify(staging, set, &restore::verify_members, {}, &restore::verify_dump);
        if (!keys.empty()) report.foreign = store::why_foreign(staging, set, keys);
        remember(staging, report);
        count_as_read(config, report);
        good = good && report.problems.empty();
        reports.push_back(to_json(report));
        if (!options.json) print(report);
    }
    if (options.json) say_json(reports);
    return good ? 0 : exit_status(Errc::corrupt);
}

const Subcommand verify_command(60, "verify",
                                "read sets again and compare them with their checksums",
                                add_options, command_verify,
                                {.json = true, .example = "mastobak verify --all --from b2"});

}  // namespace mastobak::daemon
