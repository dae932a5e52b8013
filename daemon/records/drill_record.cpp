// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/drill_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;
using postgres::Verdict;

constexpr auto directory_name = "drills";
constexpr auto not_made = "not-made";
constexpr std::size_t most_kept = 100;

std::string first_problem(const DrillRecord& record) {
    for (const auto& check : record.report.checks)
        if (check.verdict == Verdict::bad)
            return check.problems.empty() ? check.name
                                          : fmt::format("{}: {}", check.name, check.problems[0]);
    return "it has no checks";
}

}  // namespace

std::vector<DrillRecord> all_drills(const fs::path& state_directory) {
    std::vector<DrillRecord> records;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(state_directory / directory_name, error))
        if (auto record = read_record<DrillRecord>(entry.path()))
            records.push_back(std::move(*record));
    std::ranges::sort(records, {}, &DrillRecord::id);
    return records;
}

Drills read_drills(const fs::path& state_directory) {
    Drills drills;
    for (auto& record : all_drills(state_directory)) {
        if (record.proven()) drills.last_proven = record;
        if (record.made()) drills.last_made = record;
        drills.last = std::move(record);
    }
    return drills;
}

std::optional<DrillRecord> drill_of(const fs::path& state_directory, const std::string& set) {
    return read_record<DrillRecord>(state_directory / directory_name / (set + ".json"));
}

void write_drill(const fs::path& state_directory, const DrillRecord& record) {
    const auto directory = state_directory / directory_name;
    make_directories(directory);
    const auto name = record.made() ? record.report.set : not_made;
    write_file(directory / (name + ".json"), dump(to_json(record), 2) + "\n");
    if (record.made()) fs::remove(directory / (std::string(not_made) + ".json"));
    const auto all = all_drills(state_directory);
    for (std::size_t i = 0; i + most_kept < all.size(); ++i)
        fs::remove(directory / (all[i].report.set + ".json"));
}

void finish(DrillRecord& record, const Error& failure) {
    const auto error = hinted(failure);
    record.error_code = to_string(error.code());
    record.error = error.text();
    record.hint = error.hint();
}

std::string short_text(const Drills& drills, Timestamp now) {
    if (const auto& made = drills.last_made; made && !made->proven())
        return fmt::format("NOT PROVEN: {}", first_problem(*made));
    if (!drills.last_proven) return {};
    return fmt::format("proven {} ago", to_text(now - drills.last_proven->report.started_at));
}

std::string text_of(const restore::MediaRead& media) {
    if (media.ever == media.of)
        return media.now == media.of
                   ? "every file of the media was read by this drill"
                   : "every file of the media was read by this drill or one before";
    auto text = fmt::format("drills have read {} of the media's {} so far, {} of {}",
                            media.ever.count, counted(media.of.count, "file"),
                            to_string(media.ever.bytes), to_string(media.of.bytes));
    if (!media.drills_left) return text + "; none will read the rest (drill.media_sample)";
    text += fmt::format("; {} will have read all", counted(*media.drills_left, "more drill"));
    if (media.all_read_by)
        text += fmt::format(", on about {}", to_iso8601(*media.all_read_by).substr(0, 10));
    return text;
}

std::string text_of(const restore::RestoreEstimate& estimate) {
    auto text = fmt::format("{} (", to_text(estimate.total()));
    if (estimate.fetch.count() > 0) text += fmt::format("to fetch {}, ", to_text(estimate.fetch));
    return text + fmt::format("the database {}, media {})", to_text(estimate.database),
                              to_text(estimate.media));
}

std::string text_of(const DrillRecord& record) {
    const auto& report = record.report;
    if (!record.made()) return fmt::format("a drill could not be made: {}", record.error);
    auto text = fmt::format("set {} of {} ", report.set, report.source);
    if (report.proven())
        text += fmt::format("is proven: {} in {}", counted(report.checks.size(), "check"),
                            to_text(report.took));
    else
        text += fmt::format("is NOT PROVEN: {}", first_problem(record));
    if (report.full_restore)
        text += fmt::format("; a full restore would take about {}", text_of(*report.full_restore));
    return text;
}

}  // namespace mastobak::daemon
