// SPDX-License-Identifier: GPL-3.0-or-later
//
// Targets: the daemon's files, its messages on the bus, and the arguments of its methods.
#include <unistd.h>

#include <algorithm>

#include "backup/media/journal_basis.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "daemon/control_arguments.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "offsite/queue.hpp"
#include "offsite/worker.hpp"
#include "scrub/ledger.hpp"
#include "scrub/schedule.hpp"
#include "targets.hpp"
#include "units/record.hpp"

namespace mastobak::fuzz {
namespace fs = std::filesystem;
namespace {

const auto now = *parse_iso8601("2026-11-22T12:00:00Z");

/// Reads the input, writes the result, and reads it again. A Json::exception is not a defect,
/// because the callers of the readers catch it like Error.
/// \return whether the input could be read
template <class Read>
bool read_json(const std::string& input, Read read) {
    Json written;
    try {
        written = daemon::to_json(read(Json::parse(input)));
    } catch (const Json::exception&) {
        return false;
    }
    const auto text = daemon::dump(written);
    require(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }),
            "JSON of ours is harmless for a terminal");
    // Throws if the text cannot be read.
    daemon::to_json(read(Json::parse(text)));
    return true;
}

}  // namespace

void state_json(const std::string& input, const fs::path&) {
    const auto read = [](const auto& json) { return daemon::record_from<daemon::State>(json); };
    if (!read_json(input, read)) return;
    const auto state = daemon::record_from<daemon::State>(Json::parse(input));
    const auto health = daemon::judge(state, std::nullopt, {}, now);
    daemon::status_line(state, health, now);
    daemon::to_json(health);
    if (state.storage) daemon::storage_lines(*state.storage);
}

void history_json(const std::string& input, const fs::path&) {
    read_json(input, [](const auto& json) { return daemon::record_from<daemon::History>(json); });
}

void run_json(const std::string& input, const fs::path&) {
    const auto read = [](const auto& json) { return daemon::record_from<daemon::RunRecord>(json); };
    if (read_json(input, read)) daemon::downtime_text(read(Json::parse(input)));
}

void drill_json(const std::string& input, const fs::path&) {
    const auto read = [](const auto& json) {
        return daemon::record_from<daemon::DrillRecord>(json);
    };
    if (!read_json(input, read)) return;
    const auto record = read(Json::parse(input));
    daemon::text_of(record);
    daemon::short_text({record, record, record}, now);
}

void prune_json(const std::string& input, const fs::path&) {
    read_json(input,
              [](const auto& json) { return daemon::record_from<backup::PruneReport>(json); });
}

void queue_job(const std::string& input, const fs::path& scratch) {
    const auto directory = scratch / "queue";
    fs::create_directories(directory);
    in_file(input, directory / "20261122T030000Z@b2.json");
    const offsite::Queue queue(directory);
    const auto jobs = queue.list();
    require(jobs.size() == 1 && jobs[0].remote == "b2" && jobs[0].attempts >= 0,
            "a job is lost to no damage");
    queue.problems();
}

void journal_basis(const std::string& input, const fs::path& scratch) {
    in_file(input, scratch / "journal-basis");
    if (const auto basis = backup::read_journal_basis(scratch))
        require(parse_set_name(basis->set).has_value(), "it is of a set");
}

void scrub_ledger(const std::string& input, const fs::path&) {
    scrub::Ledger ledger;
    try {
        ledger = scrub::parse_ledger(input, "a ledger");
    } catch (const Error& error) {
        require(error.code() == Errc::staging, "what is not a ledger is an error of staging");
        return;
    }
    require(scrub::parse_ledger(scrub::to_json(ledger), "ours") == ledger,
            "a ledger is read as it was written");
    const auto period = std::chrono::hours(24 * 90);
    scrub::reading_order(ledger, period, now);
    scrub::slice_budget(ledger, period, now);
    scrub::slice_is_due(ledger, period, now);
    daemon::to_json(scrub::summarize("b2", ledger, period, now));
}

void bus_arguments(const std::string& input, const fs::path&) {
    for (const auto parse : {+[](const std::string& text) { daemon::drill_request_from(text); },
                             +[](const std::string& text) { daemon::prune_options_from(text); },
                             +[](const std::string& text) { daemon::added_set_from(text); }}) {
        try {
            parse(input);
        } catch (const Error& error) {
            require(error.code() == Errc::usage, "the caller reads what was wrong");
        }
    }
}

void unit_record(const std::string& input, const fs::path& scratch) {
    // The directory belongs to another user, so that root does not trust it.
    const auto directory = scratch / "run";
    fs::create_directories(directory);
    const units::Record record(in_file(input, directory / "stopped-units"));
    constexpr uid_t nobody = 65534;
    const bool foreign = ::geteuid() == 0 && ::lchown(directory.c_str(), nobody, nobody) == 0 &&
                         ::lchown(record.file().c_str(), nobody, nobody) == 0;
    const auto all = record.read();
    const auto ours = record.read({"mastodon-*"}), theirs = record.read_foreign({"mastodon-*"});
    require(ours.size() + theirs.size() == all.size(), "each unit is started by one of two users");
    for (const auto& name : ours)
        require(!foreign || name.starts_with("mastodon-"), "root starts only what is configured");
    for (const auto& name : all)
        require(name.find_first_of(" /\n\t'\"$`;") == name.npos, "it is the name of a unit");
}

}  // namespace mastobak::fuzz
