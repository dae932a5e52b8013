// SPDX-License-Identifier: GPL-3.0-or-later

#include <set>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/json.hpp"
#include "store/marks.hpp"
#include "store/retention/usage.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

using json = Json;

struct Line {
    std::string set;
    std::optional<store::Manifest> manifest;
    std::string error;
    Bytes own;  ///< size of the set's files and of its new packs
};

Line look_at(const store::Staging& staging, const std::string& set) {
    Line line{set, {}, {}, {}};
    try {
        line.manifest = staging.manifest(set);
        line.own = store::own_bytes(*line.manifest);
    } catch (const Error& error) {
        line.error = error.what();
    }
    return line;
}

json json_of_line(const Line& line, const std::set<std::string>& pinned) {
    const bool pin = pinned.contains(line.set);
    if (!line.manifest) return {{"set", line.set}, {"error", line.error}, {"pinned", pin}};
    const auto& manifest = *line.manifest;
    return {{"set", line.set},
            {"pinned", pin},
            {"instant", to_json_time(manifest.instant)},
            {"mode", manifest.mode},
            {"consistent", manifest.consistent},
            {"own_bytes", line.own.count},
            {"media_files", manifest.media.files},
            {"media_bytes", manifest.media.bytes.count},
            {"downtime_seconds", std::chrono::duration<double>(manifest.downtime).count()},
            {"note", manifest.note},
            {"warnings", manifest.warnings.size()}};
}

void print(const Line& line, Timestamp now, const std::set<std::string>& pinned) {
    if (!line.manifest) return say("{:<16} DAMAGED: {}\n", line.set, line.error);
    const auto& manifest = *line.manifest;
    const auto age = now - parse_set_name(line.set).value_or(now);
    std::string notes = pinned.contains(line.set) ? "pinned" : "";
    if (!manifest.warnings.empty())
        notes += (notes.empty() ? "" : ", ") + counted(manifest.warnings.size(), "warning");
    if (!manifest.note.empty()) notes += (notes.empty() ? "" : ", ") + manifest.note;
    say("{:<16} {:>11} {:>10} {:>10} {:>9} {:>11}{}{}\n", line.set, to_text(age),
        to_string(line.own), to_string(manifest.media.bytes), manifest.media.files,
        to_text(manifest.downtime), notes.empty() ? "" : " ", notes);
}

int command_list(const Options& options) {
    const auto config = load_config(options);
    const store::Staging staging(config.staging.path);
    const auto sets = staging.list();
    const auto pinned = store::pinned_sets(staging);
    if (options.json) {
        auto array = json::array();
        for (const auto& set : sets) array.push_back(json_of_line(look_at(staging, set), pinned));
        say_json(json{{"sets", array}, {"storage", to_json(look_at_storage(config))}});
        return 0;
    }
    if (sets.empty()) {
        say("there is no backup set in '{}' yet\n", config.staging.path.native());
        return 0;
    }
    say("{:<16} {:>11} {:>10} {:>10} {:>9} {:>11} NOTES\n", "SET", "AGE", "NEW", "MEDIA", "FILES",
        "DOWNTIME");
    const auto now = SystemClock().now();
    for (const auto& set : sets) print(look_at(staging, set), now, pinned);
    for (const auto& line : storage_lines(look_at_storage(config))) say("{}\n", line);
    return 0;
}

const Subcommand list_command(40, "list", "list the sets in staging", command_list,
                              {.json = true, .example = "mastobak list --json"});

}  // namespace
}  // namespace mastobak::daemon
