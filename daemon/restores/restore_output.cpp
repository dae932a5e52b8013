// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/restore_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/records/drill_record.hpp"
#include "daemon/records/json.hpp"
#include "restore/tree/open_target.hpp"

namespace mastobak::daemon {
namespace {

Json json_of_media(const restore::MediaReport& media) {
    return {{"files", media.files},         {"bytes", media.bytes.count},
            {"identical", media.identical}, {"problem_count", media.problem_count},
            {"problems", media.problems},   {"warnings", media.warnings}};
}

Json json_of_room(const restore::Room& room) {
    return {{"for", room.what},
            {"path", room.where.native()},
            {"needed_bytes", room.needed.count},
            {"at_most", room.at_most},
            {"free_bytes", room.free.count}};
}

std::vector<std::string> statements_of(const std::vector<postgres::LeftOut>& left_out) {
    std::vector<std::string> statements;
    for (const auto& one : left_out) statements.push_back(one.statement);
    return statements;
}

/// Prints the statements line by line, because say() escapes the line feeds of an argument.
void print_statements(const char* title, const std::vector<std::string>& statements) {
    if (statements.empty()) return;
    say("{}\n", title);
    for (const auto& statement : statements)
        for (const auto& line : lines_of(statement))
            if (!line.empty()) say("    {}\n", line);
}

void print_database(const restore::SetReport& report) {
    const auto& database = *report.database;
    for (const auto& role : report.roles_made) say("role '{}' created\n", role);
    say("database '{}': {}, {}, as they were dumped ({})\n", database.name,
        counted(database.tables, "table"), counted(database.rows, "row"),
        database.comparison.has_values ? "compared by value" : "counted");
    if (!database.renamed.empty()) say("the previous database is now '{}'\n", database.renamed);
    if (report.rows_blanked > 0)
        say("{} of remote media blanked: Mastodon fetches them again\n",
            counted(report.rows_blanked, "row"));
    for (const auto& warning : database.warnings) say("warning: {}\n", warning);
    print_statements(
        "Statements that the database's owner may not run, or that name a missing role, were left "
        "out. Read them, and run those that you want as a superuser:",
        statements_of(database.left_out));
    print_statements("Settings of the original database, which are not restored:",
                     database.settings);
}

void print_media(const restore::MediaReport& media, const std::string& target) {
    print_problems(media);
    for (const auto& warning : media.warnings) say("warning: {}\n", warning);
    say("media in '{}': {}, {}; {} there already\n", target, counted(media.files, "file"),
        to_string(media.bytes), counted(media.identical, "was", "were"));
}

void print_configuration(const restore::ConfigReport& files,
                         const restore::SetOptions::Configuration& wanted) {
    for (const auto& problem : files.problems) say("PROBLEM: {}\n", problem);
    for (const auto& kept : files.kept) say("kept: '/{}'\n", kept);
    if (wanted.in_place) say("configuration in place: {}\n", counted(files.files, "file"));
    if (!wanted.in_place || files.beside > 0)
        say("configuration in '{}': {}\n", wanted.target.native(),
            counted(wanted.in_place ? files.beside : files.files, "file"));
}

void print_configuration(const RestorePlan& plan, const std::string& set) {
    const auto& target = plan.options.configuration->target.native();
    if (!plan.options.configuration->in_place) return say("configuration to '{}'\n", target);
    say("configuration in place, what it replaces is kept as NAME.before-{}:\n", set);
    for (const auto& path : plan.in_place) say("    '{}'\n", path);
    if (plan.beside.empty()) return;
    say("not in place without --force, but in '{}', as it is not Mastodon's:\n", target);
    for (const auto& path : plan.beside) say("    '{}'\n", path);
}

}  // namespace

void RestoreLine::show(const restore::SetProgress& now) {
    if (!shown_) return;
    const auto time = Clock::now();
    if (now.step != step_) {
        step_ = now.step;
        step_began_ = time;
    } else if (time - last_ < std::chrono::milliseconds(100)) {
        return;
    }
    last_ = time;
    auto line = now.step;
    if (now.fraction >= 0) line += fmt::format(" {:.0f} %", now.fraction * 100);
    if (!now.detail.empty()) line += fmt::format(" ({})", now.detail);
    // An earlier estimate would be too inaccurate.
    if (now.fraction > 0.02 && now.fraction < 1) {
        const std::chrono::duration<double> so_far = time - step_began_;
        const auto left = std::chrono::ceil<std::chrono::seconds>(so_far * (1 / now.fraction - 1));
        line += fmt::format(", {} left", to_text(left));
    }
    show_line(Terminal::error, line);
}

void RestoreLine::clear() {
    if (shown_ && !step_.empty()) clear_line(Terminal::error);
}

void print_problems(const restore::MediaReport& media) {
    constexpr std::size_t most_told = 10;  // many files often have the same problem
    const auto told = std::min(media.problems.size(), most_told);
    for (std::size_t i = 0; i < told; ++i) say("PROBLEM: {}\n", media.problems[i]);
    if (media.problem_count > told)
        say("and {}, of which --json has the first hundred\n",
            counted(media.problem_count - told, "more problem"));
}

void print_plan(const RestorePlan& plan, const RestoreHost& host, ChosenSet& set,
                const RestoreCost& cost, const std::vector<Error>& problems, bool json) {
    const auto& options = plan.options;
    const auto& fetch = cost.fetch;
    if (json) {
        Json object{{"set", set.manifest().set},
                    {"from", set.source().name()},
                    {"fetch_bytes", fetch.total().count},
                    {"time", cost.time ? to_json(*cost.time) : Json(nullptr)},
                    {"stop", plan.live ? host.active_units : std::vector<std::string>{}},
                    {"notes", plan.notes},
                    {"ok", problems.empty()},
                    {"problems", Json::array()}};
        for (const auto& problem : problems)
            object["problems"].push_back(to_json(problem).at("error"));
        if (options.database)
            object["database"] = {{"name", options.database->name},
                                  {"server", options.database->server.to_string()},
                                  {"replace", options.database->replace},
                                  {"repair_remote_media", plan.repair},
                                  {"fetch_bytes", fetch.database.count}};
        if (options.media)
            object["media"] = {{"to", options.media->target.native()},
                               {"files", fetch.media_files},
                               {"fetch_bytes", fetch.media.count}};
        if (options.configuration)
            object["config_files"] = {{"to", options.configuration->target.native()},
                                      {"in_place", options.configuration->in_place},
                                      {"paths_in_place", plan.in_place},
                                      {"paths_beside", plan.beside}};
        for (const auto& room : cost.rooms) object["room"].push_back(json_of_room(room));
        return say_json(object);
    }
    say("set '{}' from {}\n", set.manifest().set, set.source().name());
    if (plan.live && !host.active_units.empty())
        say("stop, and start again afterwards: {}\n", fmt::join(host.active_units, " "));
    if (options.database)
        say("database '{}', {}{}{}\n", options.database->name, options.database->server.to_string(),
            options.database->replace ? "; an existing one is renamed" : "",
            plan.repair ? "; rows of remote media are blanked" : "");
    if (options.media)
        say("media: {} to '{}'{}\n", counted(fetch.media_files, "file"),
            options.media->target.native(),
            options.media->owner ? ""
            : options.mastodon   ? ", Mastodon's for " + restore::user_text(options.mastodon->user)
                                 : ", with the numeric owners in the set (or --owner)");
    if (options.configuration) print_configuration(plan, set.manifest().set);
    for (const auto& note : plan.notes) say("{}\n", note);
    say("to fetch: {} ({} bytes), less what is already there\n", to_string(fetch.total()),
        fetch.total().count);
    if (cost.time)
        say("time: about {}, as the drill of {} has measured\n", text_of(*cost.time),
            to_iso8601(cost.measured_at).substr(0, 10));
    for (const auto& room : cost.rooms)
        say("room for {}: {}{} in '{}', which has {} free{}\n", room.what,
            room.at_most ? "at most " : "", to_string(room.needed), room.where.native(),
            to_string(room.free), room.enough() ? "" : ": NOT ENOUGH");
}

void print_report(const RestorePlan& plan, const restore::SetReport& report, const std::string& set,
                  const Remaining& remaining, bool json) {
    const auto& options = plan.options;
    if (json) {
        Json object{{"set", set},
                    {"fetched_bytes", report.fetched.count},
                    {"commands", remaining.commands},
                    {"notes", plan.notes},
                    {"ok", report.problems() == 0}};
        if (report.database)
            object["database"] = {{"name", report.database->name},
                                  {"renamed", report.database->renamed},
                                  {"tables", report.database->tables},
                                  {"rows", report.database->rows},
                                  {"owner", report.database->owner},
                                  {"roles_made", report.roles_made},
                                  {"rows_blanked", report.rows_blanked},
                                  {"warnings", report.database->warnings},
                                  {"left_out", statements_of(report.database->left_out)},
                                  {"settings", report.database->settings}};
        if (report.media) object["media"] = json_of_media(*report.media);
        if (report.configuration)
            object["config_files"] = {{"to", options.configuration->target.native()},
                                      {"files", report.configuration->files},
                                      {"kept", report.configuration->kept},
                                      {"problems", report.configuration->problems}};
        return say_json(object);
    }
    if (report.database) print_database(report);
    if (report.media) print_media(*report.media, options.media->target.native());
    if (const auto& replaced = report.replaced_owner)
        say("owners: user {} of the set is {} here\n", replaced->instead_of->first,
            restore::user_text(replaced->user));
    if (report.configuration) print_configuration(*report.configuration, *options.configuration);
    for (const auto& note : plan.notes) say("{}\n", note);
    if (remaining.commands.empty()) return;
    say("\nWhat remains to be done, {}, once Mastodon runs:\n", remaining.where);
    for (const auto& command : remaining.commands) say("    {}\n", command);
}

}  // namespace mastobak::daemon
