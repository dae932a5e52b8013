// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/repair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "offsite/object_name.hpp"
#include "scrub/rebuild_pack.hpp"
#include "scrub/whole_copy.hpp"
#include "store/formats/names.hpp"
#include "store/marks.hpp"
#include "store/staging.hpp"

namespace mastobak::scrub {
namespace {

constexpr std::string_view from_disk = "files of the disk";

bool is_description(const Record& record) {
    return record.sha256 == Digest{};
}

std::string set_of(const std::string& object) {
    return offsite::split_name(object).directory.substr(std::string_view("sets/").size());
}

class Repairer {
 public:
    Repairer(const Services& services, const RepairOptions& options)
        : services_(services), options_(options), config_(services.config) {}

    std::vector<Repair> plan() {
        look_at_marked_sets();
        std::vector<Repair> repairs;
        for (const auto& id : ids()) {
            const auto ledger = read_ledger(config_.state_directory, id);
            for (const auto& object : ledger.objects) {
                const auto& record = object.second;
                if (!record.damage) continue;
                Repair entry{id, object.first, *record.damage,
                             {}, {},           Repair::State::cannot_be_healed};
                guard(entry, [&] { plan(entry, record); });
                repairs.push_back(std::move(entry));
            }
        }
        return repairs;
    }

    void heal(Repair& entry) {
        if (entry.state != Repair::State::can_be_healed) return;
        const auto ledger = read_ledger(config_.state_directory, entry.place);
        const auto found = ledger.objects.find(entry.object);
        if (found == ledger.objects.end()) return;
        const auto& record = found->second;
        entry.state = Repair::State::cannot_be_healed;
        guard(entry, [&] {
            if (is_description(record))
                heal_description(entry);
            else
                heal_object(entry, {record.size, record.sha256, entry.damage.sets});
            note_whole(entry, record);
            entry.state = Repair::State::healed;
            entry.problem.clear();
        });
    }

    void clear_marks(const std::vector<Repair>& repairs) {
        std::set<std::string> sets;
        for (const auto& entry : repairs)
            if (entry.place == staging_place &&
                (entry.state == Repair::State::healed || entry.state == Repair::State::was_whole))
                sets.insert(entry.damage.sets.begin(), entry.damage.sets.end());
        if (sets.empty()) return;
        const store::Staging staging(config_.staging.path);
        const auto ledger = read_ledger(config_.state_directory, staging_place);
        for (const auto& set : sets)
            if (is_whole(ledger, set)) {
                store::VerifyReport good;
                good.set = set;
                store::note_verified(staging, good);
            }
    }

 private:
    std::vector<std::string> ids() const {
        std::vector<std::string> all{std::string(staging_place)};
        for (const auto& entry : config_.offsite) all.push_back(entry.name);
        return all;
    }

    Place& place(const std::string& id) {
        auto& known = places_[id];
        if (known) return *known;
        if (id == staging_place) return *(known = place_of_staging(config_, services_.scratch));
        const auto entry = std::ranges::find(config_.offsite, id, &config::Remote::name);
        if (entry == config_.offsite.end())
            throw Error(Errc::usage, fmt::format("there is no remote '{}'", id));
        known = place_of_remote(config_, *entry, services_.scratch / ("repair-" + id));
        return *known;
    }

    /// A failure at one place or object is only a problem of that object.
    void guard(Repair& entry, const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled || services_.stop.stop_requested()) throw;
            entry.problem = error.what();
        }
    }

    // `mastobak verify` marks only whole sets and does not record objects.
    void look_at_marked_sets() {
        const store::Staging staging(config_.staging.path);
        const auto there = staging.list();
        std::vector<std::string> sets;
        const auto ledger = read_ledger(config_.state_directory, staging_place);
        for (const auto& marked : store::damaged_sets(staging)) {
            const auto& set = marked.first;
            const bool known = std::ranges::any_of(ledger.objects, [&](const auto& object) {
                const auto& damage = object.second.damage;
                return damage && std::ranges::find(damage->sets, set) != damage->sets.end();
            });
            if (!known && std::ranges::find(there, set) != there.end()) sets.push_back(set);
        }
        if (!sets.empty()) verify_sets(services_, place(std::string(staging_place)), sets);
    }

    void plan(Repair& entry, const Record& record) {
        const Wanted wanted{record.size, record.sha256, entry.damage.sets};
        if (!is_description(record) && is_whole_there(entry, wanted)) {
            entry.state = Repair::State::was_whole;
            return note_whole(entry, record);
        }
        for (const auto& id : ids()) {
            if (id == entry.place || (!options_.from.empty() && id != options_.from)) continue;
            const auto ledger = read_ledger(config_.state_directory, id);
            const auto known = ledger.objects.find(entry.object);
            if (known != ledger.objects.end() && known->second.damage) continue;
            bool has = false;
            guard(entry, [&] { has = looks_whole(place(id), entry.object, record, wanted); });
            if (!has) continue;
            entry.source = title_of(id);
            entry.state = Repair::State::can_be_healed;
            entry.problem.clear();
            return;
        }
        const bool is_pack = entry.object.starts_with("media/") &&
                             store::is_pack_name(offsite::split_name(entry.object).leaf);
        if (is_pack && entry.place == staging_place && !options_.media.empty() &&
            options_.from.empty()) {
            entry.source = from_disk;
            entry.state = Repair::State::can_be_healed;
            entry.problem.clear();
        } else if (entry.problem.empty()) {
            entry.problem = "no place is known to have an intact copy";
        }
    }

    bool looks_whole(Place& from, const std::string& object, const Record& record,
                     const Wanted& wanted) {
        if (is_description(record)) {
            if (!from.size_of(object, services_.stop)) return false;
            static_cast<void>(from.sets().manifest(set_of(object), services_.stop));
            return !from.sets().has_keys() || from.sets().foreign().empty();
        }
        return from.size_of(object, services_.stop) == wanted.size;
    }

    bool is_whole_there(Repair& entry, const Wanted& wanted) {
        bool whole = false;
        ReadOptions options{services_.clock.now()};
        options.progress = services_.progress;
        options.found = [&](const auto&, const auto&, const Finding& finding) {
            whole = finding.problem.empty();
            if (!whole) entry.damage.problem = finding.problem;
        };
        Partials partials;
        const auto result = read_objects(fresh(entry.place), {{entry.object, wanted}}, options,
                                         partials, services_.stop);
        if (!result.unread.empty()) throw Error(Errc::offsite, result.unread.front().second);
        return whole;
    }

    /// Reopens a place whose listings were made before a change.
    Place& fresh(const std::string& id) {
        places_.erase(id);
        return place(id);
    }

    void heal_object(Repair& entry, const Wanted& wanted) {
        const auto leaf = offsite::split_name(entry.object).leaf;
        const auto id = id_of(entry.source);
        if (entry.place == staging_place) {
            WholeCopy copy(config_, leaf);
            if (entry.source == from_disk)
                rebuild_pack(config_, options_.media, leaf, wanted, copy.file(), services_.stop);
            else
                copy.fetch(place(id), entry.object, wanted.size, services_.stop);
            copy.require(wanted, services_.stop);
            return copy.change_places_with(config_.staging.path / entry.object);
        }
        auto& target = place(entry.place);
        offsite::Object object{entry.object, config_.staging.path / entry.object, wanted.size,
                               wanted.sha256};
        std::optional<WholeCopy> copy;
        if (id != staging_place) {
            copy.emplace(config_, leaf);
            copy->fetch(place(id), entry.object, wanted.size, services_.stop);
            copy->require(wanted, services_.stop);
            object.file = copy->file();
        } else if (sha256_of_file(object.file, services_.stop) != wanted.sha256) {
            throw Error(Errc::corrupt,
                        fmt::format("'{}' in staging is damaged as well", entry.object),
                        "mastobak repair --from another remote may heal both");
        }
        target.remote()->replace(object, {}, services_.stop);
        if (!is_whole_there(entry, wanted))
            throw Error(Errc::offsite, fmt::format("what was put to the remote '{}' in place of "
                                                   "'{}' reads back differently",
                                                   entry.place, entry.object));
    }

    // Copies the three files that describe a set from a place where they are consistent and signed
    // by this host.
    void heal_description(Repair& entry) {
        const auto set = set_of(entry.object);
        auto& from = place(id_of(entry.source));
        Record none;
        if (!looks_whole(from, entry.object, none, {}))
            throw Error(Errc::corrupt, fmt::format("'{}' is not signed by this host there", set));
        for (const auto* name : {"SHA256SUMS", "SHA256SUMS.sig", "manifest.json"}) {
            const auto object = fmt::format("sets/{}/{}", set, name);
            const auto size = from.size_of(object, services_.stop);
            if (!size) continue;  // older sets have no signature
            if (*size > store::largest_manifest)
                throw Error(Errc::corrupt, fmt::format("'{}' is too large", object));
            WholeCopy copy(config_, name);
            const auto sha256 = copy.fetch(from, object, *size, services_.stop);
            copy.require({*size, sha256, {}}, services_.stop);
            if (entry.place == staging_place)
                copy.change_places_with(config_.staging.path / object);
            else
                place(entry.place)
                    .remote()
                    ->replace({object, copy.file(), *size, sha256}, {}, services_.stop);
        }
        auto& mended = fresh(entry.place);
        Record there;
        if (!looks_whole(mended, entry.object, there, {}))
            throw Error(Errc::corrupt,
                        fmt::format("'{}' still differs from what was published", set));
    }

    std::string id_of(const std::string& title) const {
        for (const auto& id : ids())
            if (title_of(id) == title) return id;
        return {};
    }

    void note_whole(const Repair& entry, const Record& record) {
        change_ledger(config_.state_directory, entry.place, [&](Ledger& ledger) {
            if (is_description(record)) {
                ledger.objects.erase(entry.object);
                ledger.listed_at.reset();
                return;
            }
            auto& noted = ledger.objects[entry.object];
            noted = record;
            noted.damage.reset();
            noted.partial.reset();
            noted.failures = 0;
            noted.read_at = services_.clock.now();
            noted.by = "reading";
        });
    }

    /// Returns whether all objects of a set were read, and none is damaged.
    bool is_whole(const Ledger& ledger, const std::string& set) {
        try {
            const auto inventory =
                inventory_of(place(std::string(staging_place)), {set}, services_.stop);
            return inventory.damaged_sets.empty() && !inventory.objects.empty() &&
                   std::ranges::all_of(inventory.objects, [&](const auto& object) {
                       const auto found = ledger.objects.find(object.first);
                       return found != ledger.objects.end() && found->second.read_at &&
                              !found->second.damage && found->second.sha256 == object.second.sha256;
                   });
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            return false;
        }
    }

    const Services& services_;
    const RepairOptions& options_;
    const config::Config& config_;
    std::map<std::string, std::unique_ptr<Place>> places_;
};

}  // namespace

std::vector<Repair> plan_repairs(const Services& services, const RepairOptions& options) {
    return Repairer(services, options).plan();
}

// Descriptions come first, because without its manifest the objects of a set are not known.
void repair(const Services& services, const RepairOptions& options, std::vector<Repair>& repairs,
            const std::function<void(const Repair&)>& each) {
    Repairer repairer(services, options);
    std::stable_partition(repairs.begin(), repairs.end(), [](const Repair& entry) {
        return entry.object.ends_with("/manifest.json");
    });
    for (auto& entry : repairs) {
        if (services.stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (each) each(entry);
        repairer.heal(entry);
    }
    repairer.clear_marks(repairs);
}

}  // namespace mastobak::scrub
