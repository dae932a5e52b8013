// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backup/version.hpp"
#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "daemon/cli/completion.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
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
    return text + "\nmastobak help TOPIC shows more; topics: config, restore, formats.";
}

/// The commands and options, declared to CLI11, and the values that the user gave.
class CommandLine {
 public:
    explicit CommandLine(postgres::Variables variables) {
        options_.variables = std::move(variables);
        app_.set_version_flag("--version", std::string("mastobak ") + backup::version);
        app_.footer(footer());
        app_.fallthrough();  // --config is also allowed after the command
        // After a command, the name of another one is an argument (`mastobak help list`).
        app_.require_subcommand(0, 1);
        config_ = app_.add_option("--config", options_.config, "configuration file")
                      ->capture_default_str()
                      ->type_name("FILE");
        named_ =
            app_.add_option("--instance", instance_,
                            "one of several Mastodons on this host; see mastobak(8), INSTANCES")
                ->type_name("NAME");
        app_.add_flag("-v,--verbose", options_.verbose,
                      "log every step (daemon, run --standalone)");
        Subcommand::add_all(app_, options_, chosen_);
    }

    int parse_and_run(int argc, char* argv[]) {
        // CLI11 would take these words for its own.
        if (argc > 2 && std::string_view(argv[1]) == "complete" &&
            std::string_view(argv[2]) == "--") {
            print_completion(app_, std::vector<std::string>(argv + 3, argv + argc));
            return 0;
        }
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
            if (named_->count() > 0) options_.instance = Instance(instance_);
            if (!options_.config_given) options_.config = options_.instance.configuration();
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
            for (const auto* command : listed_commands(app_))
                candidates.push_back(command->get_name());
        }
        auto near = nearest(word.substr(0, word.find('=')), candidates);
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
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> other_words{{
        {"version", "--version"},
        {"ls", "list"},
        {"backup", "run"},
        {"start", "run"},
        {"check", "check-config"},
    }};

    CLI::Option* config_ = nullptr;
    CLI::Option* named_ = nullptr;
    std::string instance_;
    CLI::App app_{"Backups of a Mastodon instance: one consistent set a night, copied off-site.",
                  "mastobak"};
    Options options_;
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
