// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "postgres/contents/contents_file.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/tree/pack_lists.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

/// Returns the free room at a path, which may not exist yet.
Bytes free_around(fs::path place) {
    std::error_code ignored;
    while (place.has_relative_path() && !fs::exists(place, ignored)) place = place.parent_path();
    return free_space(place, Errc::environment);
}

/// Returns the server's data directory; empty when the server is on another host, or does not
/// report it.
fs::path data_directory(const SetOptions::Database& wanted, const std::stop_token& stop) {
    fs::path directory;
    if (wanted.server.system_user.empty()) return directory;
    try {
        postgres::Connection connection(wanted.server, stop);
        fs::path told = connection.value("SHOW data_directory");
        std::error_code ignored;
        if (fs::exists(told, ignored)) directory = std::move(told);
    } catch (const Error& error) {
        // The restore itself reports a server that cannot be reached.
        if (error.code() == Errc::cancelled) throw;
    }
    return directory;
}

}  // namespace

FetchPlan plan_fetch(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                     std::stop_token stop) {
    FetchPlan plan;
    const auto size_of = [&](const char* name) { return artifact_of(manifest, name).size; };
    if (options.database) {
        plan.database = size_of_dump(manifest);
        if (const auto contents = find_artifact(manifest, postgres::contents_name))
            plan.database += contents->size;
    }
    // The configuration has the password of the database's owner.
    if (options.database || options.configuration)
        plan.configuration = size_of(store::configuration_archive);
    if (!options.media) return plan;
    const auto index = source.index(manifest, options.media->selection, stop);
    const PackLists lists(index.file, options.media->selection, {}, stop);
    if (!lists.unknown().empty())
        throw Error(Errc::usage, fmt::format("'{}' is not in the set", lists.unknown().front()),
                    "'mastobak browse' lists the files of a set");
    const auto total = lists.total();
    plan.media = index.size + total.stored;
    plan.media_files = total.files;
    plan.media_room = std::min(total.bytes, total.stored);
    return plan;
}

std::vector<Room> rooms_for(const SetSource& source, const store::Manifest& manifest,
                            const SetOptions& options, const FetchPlan& plan,
                            std::stop_token stop) {
    std::vector<Room> rooms;
    if (options.database) {
        const auto plain = manifest.database.dump_uncompressed;
        rooms.push_back({"temporary files", options.scratch,
                         source.is_far() ? plain + plan.database : plain,
                         free_around(options.scratch)});
        if (const auto where = data_directory(*options.database, stop); !where.empty())
            rooms.push_back({"database", where, manifest.database.size, free_around(where), true});
    }
    if (options.media) {
        const auto& target = options.media->target;
        std::error_code ignored;
        const bool has_files = fs::exists(target, ignored) && !fs::is_empty(target, ignored);
        rooms.push_back({"media", target, plan.media_room, free_around(target), has_files});
    }
    return rooms;
}

void require(const std::vector<Room>& rooms) {
    for (const auto& room : rooms)
        if (!room.at_most && !room.enough())
            throw Error(
                Errc::environment,
                fmt::format("{} need {} in '{}', which has {} free", room.what,
                            to_string(room.needed), room.where.native(), to_string(room.free)),
                room.what == "media" ? "make room there, or name another place with --to"
                                     : "make room there, or name another place with TMPDIR");
}

}  // namespace mastobak::restore
