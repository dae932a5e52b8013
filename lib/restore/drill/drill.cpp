// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "postgres/contents/contents_file.hpp"
#include "reconcile/known_missing.hpp"
#include "restore/drill/drill_boot.hpp"
#include "restore/drill/drill_database.hpp"
#include "restore/drill/drill_explain.hpp"
#include "restore/drill/drill_media.hpp"
#include "restore/drill/drill_parts.hpp"
#include "restore/drill/drill_secrets.hpp"
#include "restore/drill/media_sample.hpp"
#include "restore/source/find_source.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// The directory of a drill, which is removed however the drill ends.
class Scratch {
 public:
    explicit Scratch(fs::path path) : path_(std::move(path)) {
        fs::remove_all(path_);  // left by a drill that was killed
        make_directories(path_, 0711, Errc::environment);
        // PostgreSQL's user can traverse it but not list it, whatever the umask is.
        fs::permissions(path_, fs::perms(0711));
    }
    ~Scratch() {
        std::error_code ignored;  // the failure that ended the drill is more important
        fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

 private:
    const fs::path path_;
};

class Drill {
 public:
    Drill(SetSource& source, const DrillOptions& options, const OnDrillProgress& progress,
          std::stop_token stop)
        : source_(source), options_(options), progress_(progress), stop_(std::move(stop)) {}

    DrillReport run(const std::string& set) {
        report_.set = set;
        report_.source = source_.name();
        if (!fetch_manifest()) return std::move(report_);
        const Scratch scratch(options_.scratch);
        require_room();
        const auto packs = source_.packs(stop_);
        fetch(*packs);
        read_secrets();
        prove_database();
        prove_media(*packs);
        report_.fetched = source_.fetched() + packs->fetched();
        measure(*packs);
        return std::move(report_);
    }

 private:
    /// \return false when nothing more of the set may be restored
    bool fetch_manifest() {
        tell("fetch", "manifest.json");
        postgres::Check check{.name = "manifest"};
        try {
            manifest_ = source_.manifest(report_.set, stop_);
            check.figure = fmt::format("{}, {}", counted(manifest_.artifacts.size(), "file"),
                                       counted(manifest_.media.packs.size(), "pack"));
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            postgres::add_problem(check, error.text());
        }
        report_.checks.push_back(check);
        if (check.verdict == postgres::Verdict::bad) return false;
        report_.checks.push_back(check_sums(source_.sums(), manifest_));
        report_.checks.push_back(check_signature(source_, options_.require_signed));
        return report_.checks.back().verdict != postgres::Verdict::bad || !options_.require_signed;
    }

    /// Checks the room for the decompressed dump and for the database. Building indexes needs room
    /// to sort; an empty cluster takes about 40 MB.
    void require_room() const {
        const auto& database = manifest_.database;
        const auto& files = options_.scratch;
        const auto cluster = DrillDatabase::place(options_);
        const std::uint64_t of_files =
            database.dump_uncompressed.count + std::min(largest_piece, manifest_.media.bytes).count;
        const std::uint64_t of_cluster = database.size.count / 2 * 3 + (std::uint64_t{64} << 20);
        if (on_one_file_system(files, cluster))
            return require_room_in(files, of_files + of_cluster);
        require_room_in(files, of_files);
        require_room_in(cluster, of_cluster);
    }

    static bool on_one_file_system(const fs::path& a, const fs::path& b) {
        struct stat of_a {
        }, of_b{};
        return ::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0 &&
               of_a.st_dev == of_b.st_dev;
    }

    void require_room_in(const fs::path& directory, std::uint64_t bytes) const {
        const Bytes needed{bytes + options_.min_free.count};
        const auto free = free_space(directory, Errc::environment);
        if (free >= needed) return;
        throw Error(Errc::environment,
                    fmt::format("a drill needs {} in '{}', which has {} free", to_string(needed),
                                directory.native(), to_string(free)),
                    "make room there");
    }

    void fetch(PackSource& packs) {
        parts_ = fetch_parts(
            source_, manifest_, report_.checks,
            [this](const auto& part) { tell("fetch", part.name); }, stop_);
        check_parts_of_index(parts_, manifest_, report_.checks, stop_);
        if (manifest_.media.elsewhere)
            skip("packs", "media are not in the set");
        else
            report_.checks.push_back(check_packs(manifest_, packs));
    }

    /// Returns the file of the set if it is as it was published.
    std::optional<fs::path> part(const char* name) const {
        const auto found = parts_.find(name);
        if (found == parts_.end()) return std::nullopt;
        return found->second;
    }

    void read_secrets() {
        const auto archive = part(store::configuration_archive);
        if (!archive) return skip("secrets", "there is no configuration to check");
        try {
            environment_ = archived_environment(*archive, stop_);
            auto missing = missing_of(*environment_, manifest_.database.schema_version);
            const bool elsewhere = options_.allow_missing_secrets && !missing.empty();
            if (elsewhere) missing.clear();
            auto check = check_secrets(*environment_, missing);
            if (elsewhere) environment_.reset();
            // The secrets that are in the set still have to be well-formed.
            if (elsewhere && check.verdict == postgres::Verdict::good)
                return skip("secrets", "files.allow_missing_secrets says that they are elsewhere");
            report_.checks.push_back(std::move(check));
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt && error.code() != Errc::config) throw;
            postgres::Check check{.name = "secrets"};
            postgres::add_problem(check, error.text());
            report_.checks.push_back(std::move(check));
        }
    }

    void prove_database() {
        const auto dump = dump_of(parts_, manifest_);
        if (!dump) return skip("restore", "there is no dump to restore");
        tell("restore", "postgresql");
        DrillDatabase database(manifest_, contents(), options_, options_.scratch, stop_);
        if (!database.restore(*dump, report_.checks, progress_, stop_))
            return explain(database, *dump, false);
        restoring_ = database.took();
        for (auto& check : database.check(progress_, stop_))
            report_.checks.push_back(std::move(check));
        if (check_of("rows").verdict == postgres::Verdict::bad) explain(database, *dump, true);
        prove_files(database.settings());
        if (!environment_) {
            skip("encryption", "there are no secrets to decrypt with");
            return skip("mastodon", "there are no secrets to start it with");
        }
        tell("check", "encryption");
        report_.checks.push_back(check_encryption(database.settings(), *environment_, stop_));
        tell("check", "mastodon");
        report_.checks.push_back(
            check_boot(database, manifest_, options_.boot, *environment_,
                       index_of(parts_, manifest_).value_or(media::IndexFiles()), stop_));
    }

    void explain(const DrillDatabase& database, const dumps::StoredDump& dump, bool restored) {
        if (!options_.explain) return;
        tell("check", "rows that differ");
        report_.explained =
            explain_drill({source_, report_.set, database, restored, dump}, options_, stop_);
    }

    std::optional<postgres::Contents> contents() {
        const auto file = part(postgres::contents_name);
        if (!file) return std::nullopt;
        try {
            return postgres::read_contents(*file, stop_);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            const auto check = std::ranges::find(report_.checks, part_name(postgres::contents_name),
                                                 &postgres::Check::name);
            postgres::add_problem(*check, error.text());
            return std::nullopt;
        }
    }

    void prove_files(const postgres::Settings& database) {
        if (!manifest_.reconciliation.done)
            return skip("files", "the backup did not compare the database with media");
        const auto index = index_of(parts_, manifest_);
        if (!index) return skip("files", "there is no index to check");
        tell("check", "files");
        report_.checks.push_back(
            check_files(database, manifest_, *index,
                        part(reconcile::missing_list_name).value_or(fs::path()), stop_));
    }

    void prove_media(PackSource& packs) {
        if (manifest_.media.elsewhere) return skip("media", "media are not in the set");
        const auto index = index_of(parts_, manifest_);
        if (!index) return skip("media", "there is no index to check");
        tell("media", "");
        auto media =
            drill_media({manifest_, *index, packs, source_.name()}, options_, options_.scratch,
                        check_of("index"), check_of("packs"), progress_, stop_);
        report_.media = media.read;
        report_.checks.push_back(media.check);
        if (media.check.verdict == postgres::Verdict::good) media_ = std::move(media);
    }

    postgres::Check& check_of(std::string_view name) {
        return *std::ranges::find(report_.checks, name, &postgres::Check::name);
    }

    void skip(const char* name, std::string why) {
        report_.checks.push_back(
            {.name = name, .verdict = postgres::Verdict::skipped, .figure = std::move(why)});
    }

    void measure(const PackSource& packs) {
        auto fetches = source_.fetch_times();
        fetches += packs.fetch_times();
        auto& rates = report_.rates;
        rates.request = fetches.each();
        rates.fetched_byte = fetches.per_byte();
        const auto per_byte = [](std::chrono::nanoseconds took, Bytes bytes) {
            return bytes.count == 0
                       ? 0.0
                       : static_cast<double>(took.count()) / static_cast<double>(bytes.count);
        };
        const auto dump = manifest_.database.dump_uncompressed;
        if (restoring_) rates.dump_byte = per_byte(*restoring_, dump);
        if (media_) {
            rates.file = media_->times.each();
            rates.media_byte = media_->times.per_byte();
            rates.written_byte = per_byte(media_->sync, media_->written);
        }
        if (!restoring_ || (!media_ && !manifest_.media.elsewhere)) return;
        RestoreAmounts all{
            .dump = dump, .files = manifest_.media.files, .media = manifest_.media.bytes};
        if (source_.is_far() || packs.fetched().count > 0) {
            all.requests = manifest_.artifacts.size();
            for (const auto& pack : manifest_.media.packs) {
                all.fetched += pack.live;
                all.requests += 1 + pack.live.count / packs.largest_request();
            }
            if (source_.is_far())
                for (const auto& artifact : manifest_.artifacts) all.fetched += artifact.size;
        }
        report_.full_restore = estimate(rates, all);
    }

    void tell(const char* step, std::string detail) const {
        if (progress_) progress_({step, -1, std::move(detail)});
    }

    SetSource& source_;
    const DrillOptions& options_;
    const OnDrillProgress& progress_;
    const std::stop_token stop_;
    DrillReport report_;
    store::Manifest manifest_;
    Parts parts_;
    std::optional<mastodon::Environment> environment_;  ///< environment in the set's configuration
    // What was measured:
    std::optional<std::chrono::nanoseconds> restoring_;
    std::optional<DrilledMedia> media_;
};

}  // namespace

DrillReport drill(SetSource& source, const std::string& set, const DrillOptions& options,
                  const OnDrillProgress& progress, std::stop_token stop) {
    const auto began = Clock::now();
    const auto started_at = SystemClock().now();
    DrillReport report;
    // Its threads and child processes inherit the priority.
    run_at_idle_priority(
        [&] { report = Drill(source, options, progress, stop).run(find_set(source, set, stop)); });
    report.started_at = started_at;
    report.took = Clock::now() - began;
    return report;
}

}  // namespace mastobak::restore
