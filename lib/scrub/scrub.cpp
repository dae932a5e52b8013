// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/scrub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/text.hpp"
#include "offsite/object_name.hpp"
#include "scrub/damage.hpp"
#include "scrub/schedule.hpp"
#include "store/marks.hpp"
#include "store/staging.hpp"

namespace mastobak::scrub {
namespace {

using namespace std::chrono_literals;

/// The interval of writing the ledger: a crash loses at most this time of reading.
constexpr auto write_every = 5s;
/// A verification that began earlier is not continued.
constexpr auto oldest_attempt = std::chrono::hours(7 * 24);
/// How often an object has to fail in a row, although the place answers, before it counts as
/// damaged.
constexpr int failures_until_damage = 3;

std::string manifest_of(const std::string& set) {
    return fmt::format("sets/{}/manifest.json", set);
}

/// Collects findings, and writes them into the ledger from time to time.
class Notes {
 public:
    Notes(const Services& services, Place& place, Report& report)
        : services_(services), place_(place), report_(report) {}

    void found(const std::string& name, Wanted wanted, const Finding& finding) {
        Record record{wanted.size, wanted.sha256, services_.clock.now()};
        record.read_at = finding.since.value_or(services_.clock.now());
        record.by = finding.by;
        ++report_.by[finding.by];
        if (!finding.problem.empty()) {
            if (wanted.sets.empty()) wanted.sets = sets_using(name);
            record.damage =
                describe_damage(services_.config, place_, name, wanted, finding.problem,
                                services_.clock.now(), services_.scratch, services_.stop);
            report_.damaged.emplace(name, *record.damage);
            if (place_.id() == staging_place) mark_sets(services_.config, *record.damage, name);
        }
        partials_.erase(name);
        records_[name] = std::move(record);
        // Damage is written at once, so that a crash does not lose it.
        if (!finding.problem.empty() || services_.clock.steady() - written_ >= write_every) write();
    }

    void began(const std::string& name, const Wanted& wanted, const Partial& partial) {
        partials_.insert_or_assign(name, std::pair(wanted, partial));
        // What comes after the last byte may fail each time, so this counts as a failure.
        if (partial.hash.bytes == 0)
            read_further_.erase(name);
        else
            read_further_.insert(name);
        if (services_.clock.steady() - written_ >= write_every) write();
    }

    void failed(const std::string& name, Wanted wanted, const std::string& why) {
        // Reading has come further, so the next attempt continues there.
        if (read_further_.contains(name)) return;
        if (wanted.sets.empty()) wanted.sets = sets_using(name);
        change([&](Ledger& ledger) {
            auto& record = entry(ledger, name, wanted);
            if (++record.failures < failures_until_damage) return;
            record.damage = Damage{services_.clock.now(),
                                   "it cannot be read: " + readable(why),
                                   {},
                                   0,
                                   wanted.sets,
                                   known_good_copy(services_.config, name, wanted, place_.id())};
        });
    }

    void write() {
        change([&](Ledger& ledger) {
            for (auto& [name, record] : records_) {
                record.known_since = ledger.objects.contains(name)
                                         ? ledger.objects[name].known_since
                                         : record.known_since;
                ledger.objects[name] = record;
            }
            for (const auto& [name, begun] : partials_)
                entry(ledger, name, begun.first).partial = begun.second;
        });
        records_.clear();
        partials_.clear();
        written_ = services_.clock.steady();
    }

    void change(const std::function<void(Ledger&)>& change) {
        change_ledger(services_.config.state_directory, place_.id(), change);
    }

 private:
    /// A slice does not read the manifests of the sets, so the sets of an object are determined
    /// only when it is damaged.
    std::vector<std::string> sets_using(const std::string& name) {
        try {
            if (!inventory_) {
                const auto sets = place_.set_names(services_.stop);
                inventory_ = inventory_of(place_, sets, services_.stop);
            }
            const auto found = inventory_->objects.find(name);
            if (found != inventory_->objects.end()) return found->second.sets;
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
        }
        return {};
    }

    Record& entry(Ledger& ledger, const std::string& name, const Wanted& wanted) {
        return ledger.objects
            .try_emplace(name, Record{wanted.size, wanted.sha256, services_.clock.now()})
            .first->second;
    }

    const Services& services_;
    Place& place_;
    Report& report_;
    std::map<std::string, Record> records_;
    std::map<std::string, std::pair<Wanted, Partial>> partials_;
    std::set<std::string> read_further_;  ///< objects of which a part was read
    std::optional<Inventory> inventory_;
    std::chrono::steady_clock::time_point written_ = services_.clock.steady();
};

using Objects = std::vector<std::pair<std::string, Wanted>>;

void read_all(const Services& services, Place& place, const Objects& objects,
              std::optional<Bytes> budget, Partials& partials, Notes& notes, Report& report) {
    ReadOptions options{services.clock.now(), budget, services.progress,
                        [&](const auto& name, const auto& wanted, const auto& finding) {
                            notes.found(name, wanted, finding);
                        },
                        [&](const auto& name, const auto& wanted, const auto& partial) {
                            notes.began(name, wanted, partial);
                        }};
    ReadResult result;
    try {
        result = read_objects(place, objects, options, partials, services.stop);
    } catch (...) {
        notes.write();
        throw;
    }
    notes.write();
    report.objects = result.objects;
    report.bytes = result.bytes;
    report.unread = std::move(result.unread);
    report.problem = std::move(result.problem);
    report.complete = result.complete;
    if (!report.problem.empty()) return;  // a problem of the place, not of an object
    const std::map<std::string, Wanted> by_name(objects.begin(), objects.end());
    for (const auto& [name, why] : report.unread) notes.failed(name, by_name.at(name), why);
}

/// Adds known damage that this report has not read again.
void add_known_damage(const Inventory& inventory, const Ledger& ledger, Report& report) {
    for (const auto& [set, why] : inventory.damaged_sets)
        if (const auto found = ledger.objects.find(manifest_of(set));
            found != ledger.objects.end() && found->second.damage)
            report.damaged.emplace(found->first, *found->second.damage);
}

/// Marks the sets in staging whose description is damaged.
void mark_descriptions(const Services& services, Place& place, const Inventory& inventory) {
    if (place.id() != staging_place) return;
    for (const auto& [set, why] : inventory.damaged_sets)
        mark_sets(services.config, Damage{{}, why, {}, 0, {set}, {}}, manifest_of(set));
}

/// Returns the record of a set whose description is damaged, with the time at which that was found.
Record damaged_description(const Ledger& ledger, const std::string& set, const std::string& why,
                           Timestamp now) {
    Record record{{}, {}, now};
    record.read_at = now;
    record.by = "reading";
    record.damage = Damage{now, readable(why).substr(0, longest_text), {}, 0, {set}, {}};
    const auto known = ledger.objects.find(manifest_of(set));
    if (known != ledger.objects.end() && known->second.damage)
        record.damage->found_at = known->second.damage->found_at;
    return record;
}

}  // namespace

void take_inventory(Ledger& ledger, const Inventory& inventory, Timestamp now) {
    const std::set<std::string> foreign(inventory.foreign.begin(), inventory.foreign.end());
    std::map<std::string, Record> objects;
    for (const auto& [name, wanted] : inventory.objects) {
        Record record{wanted.size, wanted.sha256, now};
        const auto known = ledger.objects.find(name);
        if (known != ledger.objects.end() && known->second.sha256 == wanted.sha256 &&
            known->second.size == wanted.size)
            record = known->second;
        if (record.damage) record.damage->sets = wanted.sets;
        objects.emplace(name, std::move(record));
    }
    // The packs of these sets are not known, so the packs that the ledger already has are kept.
    if (!inventory.damaged_sets.empty())
        for (const auto& [name, record] : ledger.objects)
            if (offsite::is_shared(name)) objects.emplace(name, record);
    for (const auto& [set, why] : inventory.damaged_sets)
        objects.insert_or_assign(manifest_of(set), damaged_description(ledger, set, why, now));
    ledger.objects = std::move(objects);
    ledger.sets = inventory.sets;
    ledger.listed_at = now;
}

Report scrub_slice(const Services& services, Place& place, std::chrono::seconds period) {
    Report report;
    report.place = place.id();
    Notes notes(services, place, report);
    const auto& state = services.config.state_directory;
    const auto now = services.clock.now();
    try {
        const auto sets = place.set_names(services.stop);
        auto ledger = read_ledger(state, place.id());
        // Listing a remote takes a request for each set, so it is not done without need.
        if (listing_is_due(ledger, now) || ledger.sets != sets || place.id() == staging_place) {
            const auto inventory = inventory_of(place, sets, services.stop);
            notes.change([&](Ledger& changed) { take_inventory(changed, inventory, now); });
            mark_descriptions(services, place, inventory);
            report.foreign = inventory.foreign;
            ledger = read_ledger(state, place.id());
            add_known_damage(inventory, ledger, report);
        }
        Objects objects;
        Partials partials;
        for (const auto& name : reading_order(ledger, period, now)) {
            const auto& record = ledger.objects.at(name);
            if (record.sha256 == Digest{}) continue;  // the description of a set: already read
            objects.push_back({name, {record.size, record.sha256, {}}});
            if (record.partial) partials.emplace(name, *record.partial);
        }
        read_all(services, place, objects, slice_budget(ledger, period, now), partials, notes,
                 report);
    } catch (const Error& error) {
        if (error.code() != Errc::offsite) throw;
        report.problem = error.text();
        report.complete = false;
    }
    notes.change([&](Ledger& ledger) {
        ledger.slice_at = services.clock.now();
        ledger.problem = report.problem.substr(0, longest_text);
    });
    return report;
}

Report verify_sets(const Services& services, Place& place, const std::vector<std::string>& sets) {
    Report report;
    report.place = place.id();
    Notes notes(services, place, report);
    const auto& state = services.config.state_directory;
    const auto now = services.clock.now();
    const auto inventory = inventory_of(place, sets, services.stop);
    const auto before = read_ledger(state, place.id());
    const bool goes_on = before.attempt_since && *before.attempt_since <= now &&
                         now - *before.attempt_since < oldest_attempt;
    const auto since = goes_on ? *before.attempt_since : now;
    notes.change([&](Ledger& ledger) {
        ledger.attempt_since = since;
        std::map<std::string, Record> damaged;
        for (const auto& [set, why] : inventory.damaged_sets)
            damaged.emplace(manifest_of(set), damaged_description(ledger, set, why, now));
        for (const auto& set : inventory.sets) ledger.objects.erase(manifest_of(set));
        for (auto& [name, record] : damaged)
            ledger.objects.insert_or_assign(name, std::move(record));
    });
    mark_descriptions(services, place, inventory);
    report.foreign = inventory.foreign;
    add_known_damage(inventory, read_ledger(state, place.id()), report);
    Objects objects;
    Partials partials;
    for (const auto& [name, wanted] : inventory.objects) {
        const auto known = before.objects.find(name);
        const bool same =
            goes_on && known != before.objects.end() && known->second.sha256 == wanted.sha256;
        const bool read = same && known->second.read_at && *known->second.read_at >= since;
        if (!read) {
            objects.emplace_back(name, wanted);
            if (same && known->second.partial && known->second.partial->since >= since)
                partials.emplace(name, *known->second.partial);
            continue;
        }
        ++report.known;
        if (known->second.damage) report.damaged.emplace(name, *known->second.damage);
    }
    read_all(services, place, objects, {}, partials, notes, report);
    if (report.complete && report.problem.empty() && report.unread.empty())
        notes.change([](Ledger& ledger) { ledger.attempt_since.reset(); });
    return report;
}

void note_verified(const Services& services, const store::VerifyReport& verified) {
    if (!verified.foreign.empty() || verified.objects.empty()) return;
    const auto staging = place_of_staging(services.config, services.scratch);
    Report report;
    Notes notes(services, *staging, report);
    for (const auto& object : verified.objects)
        notes.found(object.name, {object.size, object.sha256}, {object.problem, "reading"});
    notes.write();
}

}  // namespace mastobak::scrub
