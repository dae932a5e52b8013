// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/completion.hpp"

#include <filesystem>
#include <set>

#include "config/load.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/commands/host/help.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
    for (const auto* option : app.get_options()) {
        for (const auto& known : option->get_lnames())
            if (name == "--" + known) return option;
        for (const auto& known : option->get_snames())
            if (name == "-" + known) return option;
    }
    return nullptr;
}

/// The state of the command line before the last word.
struct Place {
    const CLI::App* command;              ///< the command, or the program itself; or unknown
    const CLI::Option* option = nullptr;  ///< the last word may be its value
    std::size_t positionals = 0;          ///< number of the command's words that are not options
    std::set<const CLI::Option*> used;
};

const CLI::Option* known_option(const CLI::App& app, const Place& place, const std::string& word) {
    const auto* option = find_option(*place.command, word);
    return option != nullptr ? option : find_option(app, word);
}

Place place_of_last(const CLI::App& app, const std::vector<std::string>& words) {
    Place place{.command = &app, .used = {}};
    for (std::size_t n = 0; n + 1 < words.size(); ++n) {
        const auto& word = words[n];
        if (word == "=") continue;  // bash without its package bash-completion splits there
        if (word.size() > 1 && word.starts_with('-')) {
            const auto equals = word.find('=');
            place.option = known_option(app, place, word.substr(0, equals));
            place.used.insert(place.option);
            if (equals != word.npos ||
                (place.option != nullptr && place.option->get_items_expected_max() == 0))
                place.option = nullptr;
        } else if (place.option != nullptr) {
            if (place.option->get_items_expected_max() == 1) place.option = nullptr;
        } else if (place.command == &app) {
            const auto* command = find_command(app, word);
            place.command = command;
            if (command == nullptr) return place;
        } else {
            ++place.positionals;
        }
    }
    return place;
}

void add_commands(const CLI::App& app, Completion& out) {
    for (const auto* command : listed_commands(app))
        out.candidates.push_back({command->get_name(), command->get_description()});
}

void add_names(const std::vector<std::string>& names, const char* help, Completion& out) {
    for (const auto& name : names) out.candidates.push_back({name, help});
}

/// Adds the values of an option or of a positional, by the name that --help has for them.
void add_values(const CLI::App& app, const CLI::Option& option, const KnownNames& names,
                Completion& out) {
    const auto kind = option.get_positional() ? option.get_name() : option.get_type_name();
    if (kind == "SET") {
        add_names({"latest"}, "the newest set", out);
        add_names(names.sets(), "set", out);
    } else if (kind == "PLACE" || kind == "REMOTE") {
        add_names(names.remotes(), "remote", out);
        if (kind == "PLACE") out.others = "directories";
    } else if (&option == app.get_option_no_throw("--instance")) {
        add_names(names.instances(), "instance", out);
    } else if (kind == "TOPIC") {
        add_commands(app, out);
        for (const auto& topic : help_topics)
            out.candidates.push_back({std::string(topic.name), std::string(topic.about)});
    } else if (kind == "DIR") {
        out.others = "directories";
    } else if (kind == "FILE" || kind == "KEY") {
        out.others = "files";
    } else if (kind == "USER") {
        out.others = "users";
    }
}

const CLI::Option* positional(const CLI::App& command, std::size_t number) {
    const CLI::Option* last = nullptr;
    for (const auto* option : command.get_options()) {
        if (!option->get_positional()) continue;
        last = option;
        if (number-- == 0) return option;
    }
    // The last one of a command may take many words.
    return last != nullptr && last->get_items_expected_max() > 1 ? last : nullptr;
}

void add_options(const CLI::App& app, const Place& place, Completion& out) {
    auto options = place.command->get_options();
    if (place.command != &app)
        for (const auto* name : {"--config", "--instance"})
            options.push_back(app.get_option_no_throw(name));
    for (const auto* option : options) {
        if (option->get_group().empty() || place.used.contains(option)) continue;
        for (const auto& name : option->get_lnames())
            out.candidates.push_back({"--" + name, option->get_description()});
    }
}

/// Returns the value of an option in the words before the last one; empty: it is not there.
std::string value_in(const std::vector<std::string>& words, const std::string& option) {
    std::string value;
    for (std::size_t n = 0; n + 1 < words.size(); ++n) {
        if (words[n] == option && n + 2 < words.size()) value = words[n + 1];
        if (words[n].starts_with(option + "=")) value = words[n].substr(option.size() + 1);
    }
    return value;
}

config::Config named_configuration(const std::vector<std::string>& words) {
    const auto name = value_in(words, "--instance");
    const auto file = value_in(words, "--config");
    const auto instance = name.empty() ? Instance() : Instance(name);
    return config::load(file.empty() ? instance.configuration() : std::filesystem::path(file),
                        instance)
        .config;
}

KnownNames names_on_this_host(const std::vector<std::string>& words) {
    return {
        .sets = [words] { return store::Staging(named_configuration(words).staging.path).list(); },
        .remotes =
            [words] {
                std::vector<std::string> remotes;
                for (const auto& remote : named_configuration(words).offsite)
                    remotes.push_back(remote.name);
                return remotes;
            },
        .instances =
            [] {
                std::vector<std::string> names;
                for (const auto& instance : configured_instances())
                    if (instance.has_name()) names.push_back(instance.name());
                return names;
            }};
}

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& words,
                    const KnownNames& names) {
    Completion all;
    if (words.empty()) return all;
    const auto place = place_of_last(app, words);
    if (place.command == nullptr) return all;
    auto last = words.back();
    if (const auto equals = last.find('='); last.starts_with("--") && equals != last.npos) {
        if (const auto* option = known_option(app, place, last.substr(0, equals)))
            add_values(app, *option, names, all);
        last.erase(0, equals + 1);
    } else if (place.option != nullptr &&
               (place.option->get_items_expected_min() > 0 || !last.starts_with('-'))) {
        add_values(app, *place.option, names, all);
    } else if (last.starts_with('-')) {
        add_options(app, place, all);
    } else if (place.command == &app) {
        add_commands(app, all);
    } else if (const auto* next = positional(*place.command, place.positionals)) {
        add_values(app, *next, names, all);
    }
    std::erase_if(all.candidates,
                  [&](const Candidate& one) { return !one.word.starts_with(last); });
    return all;
}

void print_completion(const CLI::App& app, const std::vector<std::string>& words) {
    auto names = names_on_this_host(words);
    // A user who may not read the configuration or staging gets no names of sets or remotes.
    const auto or_none = [](const auto& function) {
        return [function] {
            try {
                return function();
            } catch (const std::exception&) {
                return std::vector<std::string>();
            }
        };
    };
    const auto all = complete(app, words,
                              {.sets = or_none(names.sets),
                               .remotes = or_none(names.remotes),
                               .instances = or_none(names.instances)});
    say("{}\n", all.others);
    for (const auto& one : all.candidates) say("{}\t{}\n", one.word, one.help);
}

}  // namespace mastobak::daemon
