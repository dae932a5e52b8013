// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/cli.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backup/version.hpp"
#include "config/spelling.hpp"
#include "core/error.hpp"
#include "core/privilege.hpp"
#include "core/readable.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/command_options.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/restore_plan.hpp"
#include "postgres/settings.hpp"

namespace mastobak::daemon {
namespace {

std::string footer() {
    std::string text =
        "Exit status: 0 success; status: 0 healthy, 1 failed (a run, a drill or a reload), "
        "2 stale or never run, 3 the daemon is not running; else";
    for (const auto& kind : error_kinds)
        text += fmt::format(" {} {},", kind.exit_status, kind.name);
    text.back() = '.';
    return text + "\nmastobak(8) and mastobak.yaml(5) say more.";
}

/// The commands and options, declared to CLI11, and the values that the user gave.
class CommandLine {
 public:
    explicit CommandLine(postgres::Variables variables) {
        restore_.variables = std::move(variables);
        app_.set_version_flag("--version", std::string("mastobak ") + backup::version);
        app_.footer(footer());
        app_.fallthrough();  // --config is also allowed after the command
        config_ = app_.add_option("--config", options_.config, "configuration file")
                      ->capture_default_str()
                      ->type_name("FILE");
        app_.add_flag("-v,--verbose", options_.verbose,
                      "log every step (daemon, run --standalone)");
        add_commands();
    }

    int parse_and_run(int argc, char* argv[]) {
        try {
            app_.parse(argc, argv);
            if (app_.get_subcommands().empty()) throw CLI::CallForHelp();
        } catch (const CLI::ExtrasError&) {
            print_error(options_, not_expected());
            return exit_status(Errc::usage);
        } catch (const CLI::ParseError& error) {
            std::ostringstream out;
            const int status = app_.exit(error, out, out);
            if (status == 0) {
                write_out(wrapped(harmless_lines(out.str())));
                return 0;
            }
            print_error(options_, Error(Errc::usage, error.what(), see_help()));
            return exit_status(Errc::usage);
        }
        try {
            options_.config_given = config_->count() > 0;
            refuse_ignored();
            const int status = chosen_();
            // The rest of the buffer is written here. A closed pipe is not an error.
            if (std::fflush(stdout) == 0 || reader_is_gone()) return status;
            return output_failed();
        } catch (const std::exception&) {
            const auto failure = std::current_exception();
            if (std::ferror(stdout) != 0) return output_failed();
            const auto error = as_error(failure);
            print_error(options_, error);
            return exit_status(error.code());
        }
    }

 private:
    std::string see_help() const {
        const auto chosen = app_.get_subcommands();
        return fmt::format("see mastobak {}--help",
                           chosen.empty() ? "" : chosen.front()->get_name() + " ");
    }

    /// Returns an error with the unknown word or option, and with the one that was probably meant.
    Error not_expected() const {
        const auto chosen = app_.get_subcommands();
        const CLI::App& where = chosen.empty() ? app_ : *chosen.front();
        const auto extras = app_.remaining(true);
        const auto word = readable(extras.empty() ? "" : extras.front());
        std::vector<std::string> candidates;
        if (word.starts_with('-')) {
            for (const auto* option : where.get_options())
                for (const auto& name : option->get_lnames()) candidates.push_back("--" + name);
        } else if (chosen.empty()) {
            for (const auto* command : app_.get_subcommands([](const CLI::App*) { return true; }))
                if (!command->get_group().empty()) candidates.push_back(command->get_name());
        }
        auto near = config::nearest(word.substr(0, word.find('=')), candidates);
        if (chosen.empty())
            for (const auto& [said, meant] : other_words)
                if (word == said) near = meant;
        const auto what = word.starts_with('-') ? "option"
                          : chosen.empty()      ? "command"
                                                : "argument";
        return Error(Errc::usage,
                     chosen.empty() ? fmt::format("there is no {} '{}'", what, word)
                                    : fmt::format("'{}' does not take the {} '{}'",
                                                  where.get_name(), what, word),
                     near.empty() ? see_help() : fmt::format("did you mean '{}'?", near));
    }

    /// Refuses an option that the command would ignore.
    void refuse_ignored() const {
        const auto name = app_.get_subcommands().front()->get_name();
        const bool logs = name == "daemon" || name == "make-journal" || name == "resume-units" ||
                          (name == "run" && standalone_);
        if (options_.verbose && !logs)
            throw Error(Errc::usage,
                        fmt::format("'{}' does not log steps, so it does not take --verbose", name),
                        "leave it out; run takes it with --standalone");
    }

    /// Reports that output failed, and returns the exit status. If the reader has closed the pipe
    /// (`| head`), it prints no message, and the status is that of a program ended by SIGPIPE.
    static int output_failed() {
        if (reader_is_gone()) return 128 + SIGPIPE;
        say_error(
            "mastobak: cannot write the output; hint: is there room where the output is "
            "written?\n");
        return exit_status(Errc::environment);
    }

    /// Names that other programs use for the same commands and options.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> other_words{{
        {"help", "--help"},
        {"version", "--version"},
        {"ls", "list"},
        {"backup", "run"},
        {"start", "run"},
        {"check", "check-config"},
    }};

    CLI::App* add(const char* name, const char* text, std::function<int()> run) {
        auto* command = app_.add_subcommand(name, text);
        command->callback([this, run = std::move(run)] { chosen_ = run; });
        return command;
    }
    void with_json(CLI::App* command) {
        command->add_flag("--json", options_.json, "print JSON instead of text");
    }

    void with_source(CLI::App* command, const char* without = "staging, then the remotes") {
        command
            ->add_option("--from", from_,
                         std::string("a remote of the configuration, rclone:REMOTE:PATH, "
                                     "rsync:HOST:PATH, or a directory with 'sets' and 'media' in "
                                     "it; without it: ") +
                             without)
            ->type_name("PLACE");
        with_json(command);
    }
    void with_public_key(CLI::App* command) {
        command
            ->add_option("--public-key", options_.public_key,
                         "public key of the host that made the set: its file signing.pub, or the "
                         "second line of that file")
            ->type_name("KEY");
    }

    void add_commands() {
        auto* run = add("run", "make a backup set now, and show its progress", [this] {
            return command_run(options_, {standalone_, !no_upload_, follow_, dry_});
        });
        auto* alone =
            run->add_flag("--standalone", standalone_, "work in this process, without the daemon");
        run->add_flag("--no-upload", no_upload_,
                      "with --standalone: let the daemon copy the set off-site")
            ->needs(alone);
        auto* follow =
            run->add_flag("--follow", follow_, "do not start a run; follow the one in progress")
                ->excludes(alone);
        run->add_flag(
               "--dry-run", dry_,
               "do all steps that are possible while Mastodon runs; stop nothing, and make no set")
            ->excludes(follow);
        with_json(run);
        add("cancel", "cancel the run in progress", [this] { return command_cancel(options_); });
        with_json(
            add("status", "show whether all is well", [this] { return command_status(options_); }));
        with_json(
            add("list", "list the sets in staging", [this] { return command_list(options_); }));
        auto* show =
            add("show", "show what is in a set", [this] { return command_show(options_, set_); });
        show->add_option("SET", set_, "name of the set, or latest");
        with_json(show);
        add_verify();
        add_repair();
        auto* prune = add("prune", "remove the sets that the retention policy no longer keeps",
                          [this] { return command_prune(options_, prune_); });
        prune->add_flag("--dry-run", prune_.dry_run,
                        "show what would be removed, and why; remove nothing");
        prune->add_flag("--unsent", prune_.unsent, "also remove sets that are not off-site yet");
        with_json(prune);
        auto* keep = add("keep", "pin a set, so that retention does not remove it",
                         [this] { return command_keep(options_, set_, release_); });
        keep->add_option("SET", set_, "name of the set, or latest")->required();
        keep->add_flag("--release", release_,
                       "remove the pin, so that retention decides about the set again");
        auto* adopt =
            add("adopt", "sign a set that only a remote has, so that it counts as one of this host",
                [this] { return command_adopt(options_, set_, from_, yes_); });
        adopt->add_option("SET", set_, "its name")->required();
        adopt->add_option("--from", from_, "a remote of the configuration")
            ->type_name("REMOTE")
            ->required();
        adopt->add_flag("--yes", yes_, "do not ask for confirmation");
        auto* acknowledge =
            add("acknowledge", "suppress the warnings of the last good run in later runs",
                [this] { return command_acknowledge(options_, acknowledge_); });
        acknowledge->add_option(
            "NUMBER", acknowledge_.numbers,
            "numbers of warnings, as --list shows them; without a number: all of them");
        auto* list_it =
            acknowledge->add_flag("--list", acknowledge_.list,
                                  "list the warnings with their numbers, and change nothing");
        acknowledge
            ->add_flag("--undo", acknowledge_.undo,
                       "end the suppression: later runs report these warnings again")
            ->excludes(list_it);
        with_json(acknowledge);
        auto* browse = add("browse", "list the media in a set",
                           [this] { return command_browse(options_, from_, set_, names_); });
        browse->add_option("SET", set_, "name of the set, or latest");
        browse->add_option("NAME", names_, what_names_are);
        with_source(browse);
        with_public_key(browse);
        auto* extract = add("extract", "fetch media from a set into a directory",
                            [this] { return command_extract(options_, from_, set_, names_, to_); });
        extract->add_option("SET", set_, "name of the set, or latest")->required();
        extract->add_option("NAME", names_, what_names_are)->required();
        extract->add_option("--to", to_, "directory to write to; each file keeps its path below it")
            ->capture_default_str()
            ->type_name("DIR");
        with_source(extract);
        with_public_key(extract);
        add_restore();
        auto* drill =
            add("drill", "prove that a set can be restored, in a throwaway PostgreSQL",
                [this] { return command_drill(options_, set_, from_, standalone_, explain_); });
        drill->add_option("SET", set_, "name of the set, or latest");
        drill->add_flag("--standalone", standalone_, "work in this process, without the daemon");
        drill->add_flag("--explain", explain_, "show the rows that differ, by their primary keys");
        with_source(drill, "drill.from, or the remote with the newest set");
        add("upload", "start the queued uploads now, without waiting for the next attempt",
            [this] { return command_upload(options_); });
        with_json(add("check-config", "check the configuration, and whether a backup could be made",
                      [this] { return command_check_config(options_); }));
        auto* setup = add("setup", "find Mastodon, create the database role, write a configuration",
                          [this] { return command_setup(options_, force_, directory_); });
        setup->add_flag("--force", force_,
                        "replace an existing configuration; the old one is kept");
        setup
            ->add_option("--directory", directory_,
                         "Mastodon's directory, where setup does not find it")
            ->type_name("DIR");
        add("daemon", "run the daemon (mastobak.service does this)",
            [this] { return command_daemon(options_); });
        add("resume-units",
            "start the units that a killed run has left stopped (mastobak.service does this)",
            [this] { return command_resume_units(options_); });
        // Only mastobak.service uses this command, so the help does not list it.
        add("make-journal", "create the change journal in the kernel", [this] {
            return command_make_journal(options_);
        })->group("");
        auto* server = add("drill-server", "the PostgreSQL of a drill",
                           [this] { return command_drill_server(instance_, trusted_); });
        server->add_option("INSTANCE", instance_);
        server->add_option("USER", trusted_);
        server->group("");
        add("drill-boot", "Mastodon in a drill", [] { return command_drill_boot(); })->group("");
    }

    void add_verify() {
        auto* verify = add("verify", "read sets again and compare them with their checksums",
                           [this] { return command_verify(options_, verify_); });
        add_options(*verify, verify_);
        with_json(verify);
    }

    void add_repair() {
        auto* repair = add("repair", "replace what is damaged by intact copies",
                           [this] { return command_repair(options_, repair_); });
        repair->add_option("--from", repair_.from, "take intact copies from this remote only")
            ->type_name("REMOTE");
        repair->add_flag("--plan", repair_.plan, "show what would be done, and do nothing");
        repair->add_flag("--yes", repair_.yes, "do not ask for confirmation");
        with_json(repair);
    }

    void add_restore() {
        auto* restore = add("restore", "restore a set: database, media, configuration, or all",
                            [this] { return command_restore(options_, restore_); });
        add_options(*restore, restore_);
        with_public_key(restore);
        with_json(restore);
    }

    CLI::Option* config_ = nullptr;
    CLI::App app_{"Backups of a Mastodon instance: one consistent set a night, copied off-site.",
                  "mastobak"};
    Options options_;
    std::string set_ = "latest";
    std::string from_;
    std::string instance_, trusted_;
    std::vector<std::string> names_;
    std::filesystem::path to_ = ".";
    bool standalone_ = false;
    bool explain_ = false;
    bool dry_ = false;
    bool no_upload_ = false;
    bool follow_ = false;
    bool force_ = false;
    std::string directory_;
    bool release_ = false;
    bool yes_ = false;
    backup::PruneOptions prune_;
    VerifyRequest verify_;
    RepairRequest repair_;
    AcknowledgeRequest acknowledge_;
    RestoreRequest restore_;
    std::function<int()> chosen_;
};

}  // namespace

int run_cli(int argc, char* argv[]) {
    // A closed pipe must be an error of write(2) and not end a backup.
    std::signal(SIGPIPE, SIG_IGN);
    lower_capabilities();
    auto variables = postgres::forget_variables();
    return CommandLine(std::move(variables)).parse_and_run(argc, argv);
}

}  // namespace mastobak::daemon
