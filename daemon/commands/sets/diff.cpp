// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/restores/selected_set.hpp"
#include "restore/compare_sets.hpp"

namespace mastobak::daemon {
namespace {

struct DiffRequest {
    std::string before;
    std::string after = "latest";
    bool list = false;  ///< print each path that differs
    std::string from{};
};

void add_diff_options(CLI::App& app, Options& options, DiffRequest& request) {
    app.add_option("SET", request.before, "name of the set to compare with")->required();
    app.add_option("OTHER", request.after, "name of the other set, or latest");
    app.add_flag("--list", request.list, "also list each file that differs");
    add_source(app, request.from);
    add_json(app, options);
    add_public_key(app, options);
}

void list_change(const Options& options, const media::Entry* before, const media::Entry* after) {
    const auto& entry = after == nullptr ? *before : *after;
    if (!options.json) {
        const char mark = before == nullptr ? '+' : after == nullptr ? '-' : '~';
        return say("{} {:>10} {}\n", mark, to_string(Bytes{entry.size}), entry.path);
    }
    Json object{{"change", before == nullptr  ? "added"
                           : after == nullptr ? "removed"
                                              : "changed"},
                {"path", entry.path}};
    if (before != nullptr) object["size_before"] = before->size;
    if (after != nullptr) object["size_after"] = after->size;
    say_json(object, -1);
}

Json json_of(const restore::Amount& amount) {
    return {{"files", amount.files}, {"bytes", amount.bytes.count}};
}

Json json_of(const std::optional<std::int64_t>& rows) {
    return rows ? Json(*rows) : Json();
}

/// The comparison of two sets, without the paths.
struct Differences {
    const store::Manifest& before;
    const store::Manifest& after;
    std::optional<restore::MediaChanges> media;  ///< nullopt: a set has no media
    std::vector<restore::TableChange> tables;
};

Json json_of(const Differences& differences) {
    auto tables = Json::array();
    for (const auto& table : differences.tables)
        tables.push_back({{"table", table.table},
                          {"rows_before", json_of(table.before)},
                          {"rows_after", json_of(table.after)}});
    Json media;
    if (differences.media) {
        media = {{"added", json_of(differences.media->added)},
                 {"removed", json_of(differences.media->removed)},
                 {"changed", json_of(differences.media->changed)},
                 {"unchanged", json_of(differences.media->unchanged)}};
        media["changed"]["bytes_before"] = differences.media->changed_before.count;
    }
    return {{"before", differences.before.set},
            {"after", differences.after.set},
            {"media", std::move(media)},
            {"tables", std::move(tables)}};
}

std::string amount_text(const restore::Amount& amount) {
    return fmt::format("{} ({})", counted(amount.files, "file"), to_string(amount.bytes));
}

void print_tables(const Differences& differences) {
    for (const auto& [table, before, after] : differences.tables) {
        if (!before)
            say("rows        {:<40} {} (the table is new)\n", table, *after);
        else if (!after)
            say("rows        {:<40} {} (the table is gone)\n", table, *before);
        else
            say("rows        {:<40} {} -> {} ({:+})\n", table, *before, *after, *after - *before);
    }
    std::size_t same = differences.after.database.rows.size();
    for (const auto& table : differences.tables)
        if (table.after) --same;
    say("            {} the same number of rows as before\n",
        counted(same, "table has", "tables have"));
}

void print(const Differences& differences) {
    const auto& [before, after, media, tables] = differences;
    say("sets        {} -> {}\n", before.set, after.set);
    if (before.database.schema_version != after.database.schema_version)
        say("schema      {} -> {}\n", before.database.schema_version,
            after.database.schema_version);
    if (before.database.server_version != after.database.server_version)
        say("PostgreSQL  {} -> {}\n", before.database.server_version,
            after.database.server_version);
    if (!media) say("media       not compared: a set was made without media (media.elsewhere)\n");
    if (media) {
        say("added       {}\n", amount_text(media->added));
        say("removed     {}\n", amount_text(media->removed));
        say("changed     {}, before {}\n", amount_text(media->changed),
            to_string(media->changed_before));
        say("unchanged   {}\n", amount_text(media->unchanged));
    }
    print_tables(differences);
}

int command_diff(const Options& options, const DiffRequest& request) {
    const StopOnSignal signals;
    ChosenSet before(options, request.from, request.before, signals.token());
    ChosenSet after(options, request.from, request.after, signals.token());
    Differences differences{before.manifest(),
                            after.manifest(),
                            {},
                            restore::compare_rows(before.manifest(), after.manifest())};
    if (!before.manifest().media.elsewhere && !after.manifest().media.elsewhere) {
        const auto list = [&](const media::Entry* was, const media::Entry* is) {
            if (request.list) list_change(options, was, is);
        };
        differences.media =
            restore::compare_media(before.index(restore::Selection()),
                                   after.index(restore::Selection()), list, signals.token());
    }
    if (options.json)
        say_json(json_of(differences), request.list ? -1 : 2);
    else
        print(differences);
    return 0;
}

const Subcommand diff_command(128, "diff", "show what changed from a set to another one",
                              add_diff_options, command_diff,
                              {.example = "mastobak diff 20261122T030000Z latest"});

}  // namespace
}  // namespace mastobak::daemon
