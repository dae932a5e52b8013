// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/damage.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "media/pack/verify_packs.hpp"
#include "offsite/history.hpp"
#include "offsite/object_name.hpp"
#include "store/formats/names.hpp"
#include "store/marks.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"

namespace mastobak::scrub {
namespace fs = std::filesystem;

namespace {

/// Reads the members in place for staging, and from a fetched copy for a remote.
void name_members(const config::Config& config, Place& place, const std::string& pack,
                  const Wanted& wanted, Damage& damage, const fs::path& scratch,
                  const std::stop_token& stop) {
    auto directory = store::Staging(config.staging.path).media();
    std::optional<Temporary> copy;
    const auto object = "media/" + pack;
    const auto there = place.size_of(object, stop);
    if (!there) return;  // the whole pack is missing
    if (place.id() != staging_place) {
        directory = scratch / "damaged";
        make_directories(directory, 0700, Errc::environment);
        // Uses at most half of the room, because other programs use the disk, too.
        if (there->count > wanted.size.count ||
            free_space(directory, Errc::environment).count / 2 < there->count)
            return;
        copy.emplace(directory / pack);
        place.fetch(object, *there, directory / pack, stop);
    }
    std::size_t asked = 0;
    for (auto set = wanted.sets.rbegin(); set != wanted.sets.rend() && asked < most_indexes;
         ++set, ++asked) {
        const auto manifest = place.sets().manifest(*set, stop);
        const auto index = place.sets().index(manifest, restore::Selection(), stop);
        const auto found = media::damaged_members(index.file, directory, pack, most_members, stop);
        if (found.count <= damage.member_count) continue;
        damage.member_count = found.count;
        damage.members.clear();
        for (const auto& member : found.members)
            damage.members.push_back(readable(member.path).substr(0, longest_text));
    }
}

bool has_whole(const Ledger& ledger, const std::string& object, const Wanted& wanted) {
    const auto found = ledger.objects.find(object);
    return found != ledger.objects.end() && found->second.sha256 == wanted.sha256 &&
           found->second.read_at && !found->second.damage;
}

bool is_damaged(const Ledger& ledger, const std::string& object) {
    const auto found = ledger.objects.find(object);
    return found != ledger.objects.end() && found->second.damage;
}

}  // namespace

std::string known_good_copy(const config::Config& config, const std::string& object,
                            const Wanted& wanted, const std::string& but) {
    const auto& state = config.state_directory;
    if (but != staging_place) {
        const auto ledger = read_ledger(state, staging_place);
        if (has_whole(ledger, object, wanted) ||
            (has_size(config.staging.path / object, wanted.size) && !is_damaged(ledger, object)))
            return title_of(staging_place);
    }
    offsite::History history(offsite::history_file(state));
    for (const auto& remote : config.offsite) {
        if (remote.name == but) continue;
        const auto ledger = read_ledger(state, remote.name);
        if (has_whole(ledger, object, wanted)) return title_of(remote.name);
        // Packs and sets that were compared when they were uploaded.
        const auto& packs = history.of(remote.name).packs;
        const auto pack = packs.find(object);
        const bool came = pack != packs.end() ? pack->second == wanted.sha256
                          : wanted.sets.empty()
                              ? false
                              : object.starts_with("sets/") &&
                                    history.of(remote.name).newest_set == wanted.sets.back();
        if (came && !is_damaged(ledger, object)) return title_of(remote.name);
    }
    return {};
}

Damage describe_damage(const config::Config& config, Place& place, const std::string& object,
                       const Wanted& wanted, const std::string& problem, Timestamp now,
                       const fs::path& scratch, const std::stop_token& stop) {
    Damage damage{now, readable(problem).substr(0, longest_text), {}, 0, wanted.sets, {}};
    damage.good_copy = known_good_copy(config, object, wanted, place.id());
    const auto [directory, leaf] = offsite::split_name(object);
    if (directory != "media" || !store::is_pack_name(leaf)) return damage;
    try {
        name_members(config, place, leaf, wanted, damage, scratch, stop);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        // The index may be damaged itself, or the remote may be out of reach. The pack is still
        // named.
    }
    return damage;
}

void mark_sets(const config::Config& config, const Damage& damage, const std::string& object) {
    const store::Staging staging(config.staging.path);
    const auto known = store::damaged_sets(staging);
    for (const auto& set : damage.sets) {
        if (known.contains(set)) continue;
        store::VerifyReport report;
        report.set = set;
        report.problems.push_back(fmt::format("'{}': {}", object, damage.problem));
        store::note_verified(staging, report);
    }
}

}  // namespace mastobak::scrub
