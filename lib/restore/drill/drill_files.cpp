// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "core/readable.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "postgres/snapshot.hpp"
#include "reconcile/known_missing.hpp"
#include "reconcile/named_files.hpp"

namespace mastobak::restore {
namespace {

std::unique_ptr<std::istream> opened(const std::filesystem::path& list) {
    if (list.empty()) return nullptr;
    return std::make_unique<std::ifstream>(list, std::ios::binary);
}

std::string problem(const reconcile::NamedFile& named, std::string_view what) {
    return fmt::format("'{}' of {} {} {}", readable(named.path), named.attachment->table, named.id,
                       what);
}

}  // namespace

postgres::Check check_files(const postgres::Settings& database, const store::Manifest& manifest,
                            const media::IndexFiles& index,
                            const std::filesystem::path& missing_list, std::stop_token stop) {
    postgres::Check check{.name = "files"};
    postgres::Snapshot snapshot(database, stop);
    const std::stop_callback cancel(stop, [&] { snapshot.connection().cancel(); });
    reconcile::NamedFiles named(snapshot, manifest.media.scope == "all", manifest.media.excluded);
    media::IndexReader reader(index);
    reconcile::KnownMissing known(opened(missing_list));
    std::uint64_t files = 0, excepted = 0;
    const auto look = [&](const reconcile::NamedFile& file, const media::Entry* entry) {
        ++files;
        const bool other_size = entry && entry->type == media::EntryType::file && file.size &&
                                *file.size != entry->size;
        if (entry && !other_size) return;
        if (known.has(file.path))
            ++excepted;
        else if (!entry)
            postgres::add_problem(check, problem(file, "is not in the index"));
        else
            postgres::add_problem(
                check, problem(file, fmt::format("has {} in the index, not {}",
                                                 counted(entry->size, "byte"), *file.size)));
    };
    reconcile::look_up(named, reader, look, stop);
    // The manifest has notes about what the backup could not compare. A new note means that a table
    // or column was lost since then.
    const auto& told = manifest.reconciliation.notes;
    for (const auto& note : named.notes())
        if (std::find(told.begin(), told.end(), note) == told.end())
            postgres::add_problem(check, note);
    check.figure = counted(files, "file");
    if (excepted > 0) check.figure += fmt::format(", {} known to be missing", excepted);
    return check;
}

}  // namespace mastobak::restore
