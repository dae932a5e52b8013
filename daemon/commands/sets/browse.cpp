// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/json.hpp"
#include "daemon/restores/selected_set.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "restore/selection.hpp"

namespace mastobak::daemon {
namespace {

/// Prints an entry in the style of `ls -l`: type, mode, size, time, name.
void print(const media::Entry& entry, const std::string& damage) {
    const auto points_to = entry.target.empty() ? "" : " -> " + entry.target;
    const auto type = static_cast<char>(entry.type);
    say("{} {:04o} {:>12} {} {}{}{}\n", type == 'f' ? '-' : type, entry.mode, entry.size,
        to_local_text(entry.mtime), entry.path, points_to,
        damage.empty() ? "" : fmt::format("  [{}]", damage));
}

Json json_of(const media::Entry& entry, const std::string& damage) {
    Json object{{"type", std::string(1, static_cast<char>(entry.type))},
                {"path", entry.path},
                {"mode", fmt::format("{:04o}", entry.mode)},
                {"uid", entry.uid},
                {"gid", entry.gid},
                {"size", entry.size},
                {"mtime", to_json_time(entry.mtime)}};
    if (!entry.target.empty()) object["target"] = entry.target;
    if (entry.sha256) object["sha256"] = to_hex(*entry.sha256);
    if (!damage.empty()) object["damage"] = damage;
    return object;
}

struct BrowseRequest {
    std::string set = "latest";
    std::vector<std::string> names{};  ///< see restore::media_meant_by; empty: all media
    std::string from{};                ///< see restore::find_source; empty: staging
};

void add_browse_options(CLI::App& app, Options& options, BrowseRequest& request) {
    app.add_option("SET", request.set, "name of the set, or latest");
    app.add_option("NAME", request.names, what_names_are);
    add_source(app, request.from);
    add_json(app, options);
    add_public_key(app, options);
}

int command_browse(const Options& options, const BrowseRequest& request) {
    const StopOnSignal signals;
    ChosenSet set(options, request.from, request.set, signals.token());
    const restore::Selection selection(set.paths_of(request.names));
    media::IndexReader reader(set.index(selection));
    std::uint64_t found = 0;
    while (const auto* entry = reader.next()) {
        if (signals.token().stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (!selection.has(entry->path)) continue;
        const auto damage = set.damage().of(*entry);
        // One object on each line, because an array of ten million would not fit in memory.
        if (options.json)
            say_json(json_of(*entry, damage), -1);
        else
            print(*entry, damage);
        ++found;
    }
    if (found == 0 && !selection.is_all())
        throw Error(Errc::usage, fmt::format("set '{}' has no such media", set.manifest().set),
                    "mastobak browse without a name lists all media");
    return 0;
}

const Subcommand browse_command(120, "browse", "list the media in a set", add_browse_options,
                                command_browse, {.example = "mastobak browse latest @alice"});

}  // namespace
}  // namespace mastobak::daemon
