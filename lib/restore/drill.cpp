// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/background.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "restore/drill_database.hpp"
#include "restore/drill_parts.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// The directory of a drill: whatever ends that, it is gone.
class Scratch {
 public:
    explicit Scratch(fs::path path) : path_(std::move(path)) {
        // PostgreSQL's user goes through it, and sees no names.
        make_directories(path_, 0711, Errc::environment);
    }
    ~Scratch() {
        std::error_code ignored;  // a failure that brought us here counts
        fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const fs::path& path() const { return path_; }

 private:
    fs::path path_;
};

class Drill {
 public:
    Drill(SetSource& source, const DrillOptions& options, const OnDrillProgress& progress,
          std::stop_token stop)
        : source_(source), options_(options), progress_(progress), stop_(std::move(stop)) {}

    void run(DrillReport& report) {
        const auto manifest = fetch_manifest(report);
        if (!manifest) return;
        const Scratch scratch(options_.scratch);
        require_room(*manifest);
        const auto parts = fetch_parts(
            source_, *manifest, report.checks,
            [this](const auto& part) { tell("fetch", part.name); }, stop_);
        if (const auto dump = parts.find("database.dump.zst"); dump != parts.end())
            prove_database(*manifest, dump->second, report);
    }

 private:
    std::optional<store::Manifest> fetch_manifest(DrillReport& report) {
        tell("fetch", "manifest.json");
        postgres::Check check{.name = "manifest"};
        std::optional<store::Manifest> manifest;
        try {
            manifest = source_.manifest(report.set, stop_);
            check.figure = fmt::format("{} files, {} packs", manifest->artifacts.size(),
                                       manifest->media.packs.size());
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            postgres::add_problem(check, error.text());
        }
        report.checks.push_back(std::move(check));
        return manifest;
    }

    /// The dump as pg_restore wants it, and the database: indexes that are built need room to sort,
    /// an empty cluster about 40 MB.
    void require_room(const store::Manifest& manifest) const {
        const auto& database = manifest.database;
        const Bytes needed{database.dump_uncompressed.count + database.size.count / 2 * 3 +
                           (std::uint64_t{64} << 20)};
        const auto free = free_space(options_.scratch, Errc::environment);
        if (free >= needed) return;
        throw Error(Errc::environment,
                    fmt::format("a drill needs {} in '{}', which has {} free", to_string(needed),
                                options_.scratch.native(), to_string(free)),
                    "make room there");
    }

    void prove_database(const store::Manifest& manifest, const fs::path& dump,
                        DrillReport& report) {
        tell("restore", "postgresql");
        DrillDatabase database(manifest, options_, options_.scratch, stop_);
        if (!database.restore(dump, report.checks, progress_, stop_)) return;
        for (auto& check : database.check(progress_, stop_))
            report.checks.push_back(std::move(check));
    }

    void tell(const char* step, std::string detail) const {
        if (progress_) progress_({step, -1, std::move(detail)});
    }

    SetSource& source_;
    const DrillOptions& options_;
    const OnDrillProgress& progress_;
    const std::stop_token stop_;
};

}  // namespace

bool DrillReport::proven() const {
    return std::none_of(checks.begin(), checks.end(),
                        [](const auto& check) { return check.verdict == postgres::Verdict::bad; });
}

DrillReport drill(SetSource& source, const std::string& set, const DrillOptions& options,
                  const OnDrillProgress& progress, std::stop_token stop) {
    const auto began = Clock::now();
    DrillReport report;
    report.source = source.name();
    report.started_at = SystemClock().now();
    report.set = find_set(source, set, stop);
    // Threads and children that it starts are of the same class.
    run_in_background([&] { Drill(source, options, progress, stop).run(report); });
    report.took = Clock::now() - began;
    return report;
}

}  // namespace mastobak::restore
