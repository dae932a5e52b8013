// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_media.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"
#include "core/text.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "postgres/snapshot.hpp"
#include "reconcile/known_missing.hpp"
#include "reconcile/named_files.hpp"
#include "restore/drill/media_coverage.hpp"
#include "restore/drill/media_sample.hpp"
#include "restore/drill/pack_proof.hpp"
#include "restore/tree/pack_lists.hpp"
#include "restore/tree/restore_media.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;
namespace {

/// A drill that reads all packs restores only this share of the files.
constexpr double largest_restored_share = 0.01;
constexpr std::uint64_t fewest_restored = 200;

double media_ratio(std::uint64_t of, std::uint64_t part) {
    return part == 0 ? 1 : static_cast<double>(of) / static_cast<double>(part);
}

/// Flushes what other processes have written, so that the time to sync the sample does not include
/// it.
void flush_others(const fs::path& directory) {
    const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) static_cast<void>(::syncfs(fd.get()));
}

/// Compares the numbers of the manifest with the index.
void compare_lists(const store::Manifest& manifest, const MediaSample& sample,
                   postgres::Check& check) {
    const auto& media = manifest.media;
    if (!sample.stranger.empty())
        postgres::add_problem(
            check, fmt::format("it names pack '{}', which the manifest does not", sample.stranger));
    for (const auto& pack : media.packs) {
        const auto used = sample.used.find(pack.name);
        const auto entries = used == sample.used.end() ? 0 : used->second.entries;
        if (entries != pack.entries)
            postgres::add_problem(
                check, fmt::format("it has {} in pack '{}', not {}",
                                   counted(entries, "entry", "entries"), pack.name, pack.entries));
    }
    if (sample.of_files != media.files || sample.of_bytes != media.bytes)
        postgres::add_problem(
            check,
            fmt::format("it has {} of {} bytes, not {} of {}", counted(sample.of_files, "file"),
                        sample.of_bytes.count, media.files, media.bytes.count));
}

class MediaDrill {
 public:
    MediaDrill(const MediaToDrill& media, const DrillOptions& options, const fs::path& directory,
               postgres::Check& of_index, postgres::Check& of_packs,
               const OnDrillProgress& progress, const std::stop_token& stop)
        : media_(media),
          options_(options),
          directory_(directory),
          of_index_(of_index),
          of_packs_(of_packs),
          progress_(progress),
          stop_(stop),
          whole_(options.media_sample >= 1) {}

    DrilledMedia run() {
        auto coverage = MediaCoverage::read(options_.memory, media_.place);
        auto size = SampleSize{options_.media_sample, options_.media_minimum};
        if (whole_) size = {largest_restored_share, fewest_restored};
        sample_ = choose_sample(media_.index, coverage, size, media_.manifest, directory_, stop_);
        compare_lists(media_.manifest, sample_, of_index_);
        prove_packs();
        restore_sample();
        coverage.note(whole_ ? std::vector<bool>(MediaCoverage::groups, true) : sample_.groups,
                      media_.manifest.set);
        coverage.write(options_.memory, media_.place);
        say_what_was_read();
        return std::move(drilled_);
    }

 private:
    void prove_packs() {
        std::uint64_t done = 0, of = 0;
        for (const auto& pack : media_.manifest.media.packs) of += pack.size.count;
        const auto on_read = [&](std::uint64_t bytes) {
            done += bytes;
            if (progress_ && whole_)
                progress_({"media", std::min(1.0, 1 / media_ratio(of, done)),
                           fmt::format("{} of {}", to_string(Bytes{done}), to_string(Bytes{of}))});
        };
        PackProof proof(media_.packs, of_packs_, on_read, stop_);
        std::optional<PackLists> lists;
        if (whole_) lists.emplace(media_.index, Selection{}, directory_ / "lists", stop_);
        for (const auto& pack : media_.manifest.media.packs) {
            // check_packs has already reported this pack.
            if (media_.packs.size_of(pack.name) != pack.size) continue;
            const auto last = sample_.last.find(pack.name);
            if (whole_)
                proof.prove_whole(pack, lists->entries(pack.name), drilled_.check);
            else
                proof.prove_end(pack, last == sample_.last.end() ? nullptr : &last->second);
        }
    }

    void restore_sample() {
        const bool said = drilled_.check.problem_count > 0;  // by the proof of whole packs
        const auto target = directory_ / "media";
        flush_others(directory_);
        std::uint64_t before = 0;  // files of the finished pieces
        for (const auto& piece : sample_.pieces) {
            const auto tell = [&](const MediaProgress& now) {
                if (!progress_ || whole_) return;
                const auto done = before + now.files;
                progress_({"media", 1 / media_ratio(sample_.files, done),
                           fmt::format("{} of {} files", done, sample_.files)});
            };
            const auto report =
                restore_media({.index = piece, .target = target, .scratch = directory_ / "lists"},
                              media_.packs, tell, stop_);
            before += report.files + report.problem_count;
            drilled_.times += report.times;
            drilled_.sync += report.sync;
            drilled_.written += report.bytes;
            fs::remove_all(target);
            if (said) continue;
            for (const auto& problem : report.problems)
                postgres::add_problem(drilled_.check, problem);
            drilled_.check.problem_count += report.problem_count - report.problems.size();
        }
    }

    void say_what_was_read() {
        auto& check = drilled_.check;
        if (!whole_) check.read = {sample_.files, sample_.bytes};
        check.by_size = {sample_.of_files - std::min(sample_.of_files, check.read.count), {}};
        check.by_size.bytes.count =
            sample_.of_bytes.count - std::min(sample_.of_bytes, check.read.bytes).count;
        check.figure = fmt::format("{} of {} files, {} of {}", check.read.count, sample_.of_files,
                                   to_string(check.read.bytes), to_string(sample_.of_bytes));
        auto& read = drilled_.read;
        read.now = check.read;
        read.of = {sample_.of_files, sample_.of_bytes};
        read.ever = whole_ ? read.of : postgres::Amount{sample_.ever_files, sample_.ever_bytes};
        read.drills_left = whole_ ? 0 : sample_.drills_left;
        const auto bytes = of_packs_.by_size.bytes.count;
        if (of_packs_.verdict == postgres::Verdict::good)
            of_packs_.figure += whole_ ? ", all of it read"
                                       : fmt::format(", by size; and {} read at their ends",
                                                     to_string(of_packs_.read.bytes));
        of_packs_.by_size.bytes.count = bytes - std::min(bytes, of_packs_.read.bytes.count);
        if (whole_)
            of_packs_.by_size.count -= std::min(of_packs_.by_size.count, of_packs_.read.count);
    }

    const MediaToDrill& media_;
    const DrillOptions& options_;
    const fs::path& directory_;
    postgres::Check& of_index_;
    postgres::Check& of_packs_;
    const OnDrillProgress& progress_;
    const std::stop_token& stop_;
    const bool whole_;  ///< whether all packs are read completely
    MediaSample sample_;
    DrilledMedia drilled_;
};

std::unique_ptr<std::istream> opened(const std::filesystem::path& list) {
    if (list.empty()) return nullptr;
    return std::make_unique<std::ifstream>(list, std::ios::binary);
}

std::string problem(const reconcile::NamedFile& named, std::string_view what) {
    return fmt::format("'{}' of {} {} {}", readable(named.path), named.attachment->table, named.id,
                       what);
}

}  // namespace

postgres::Check check_packs(const store::Manifest& manifest, PackSource& packs) {
    postgres::Check check{.name = "packs"};
    for (const auto& pack : manifest.media.packs) {
        const auto size = packs.size_of(pack.name);
        if (!size)
            postgres::add_problem(check, fmt::format("pack '{}' is missing", pack.name));
        else if (*size != pack.size)
            postgres::add_problem(check,
                                  fmt::format("pack '{}' has {}, not {}", pack.name,
                                              counted(size->count, "byte"), pack.size.count));
        ++check.by_size.count;
        check.by_size.bytes += pack.size;
    }
    check.figure = fmt::format("{}, {}", counted(manifest.media.packs.size(), "pack"),
                               to_string(check.by_size.bytes));
    return check;
}

DrilledMedia drill_media(const MediaToDrill& media, const DrillOptions& options,
                         const fs::path& directory, postgres::Check& of_index,
                         postgres::Check& of_packs, const OnDrillProgress& progress,
                         const std::stop_token& stop) {
    return MediaDrill(media, options, directory, of_index, of_packs, progress, stop).run();
}

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
