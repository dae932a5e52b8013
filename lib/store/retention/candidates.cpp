// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/candidates.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/signature.hpp"
#include "store/marks.hpp"
#include "store/pack_record.hpp"

namespace mastobak::store {

namespace {

/// Returns what is wrong with a set, as far as names and sizes show it; empty when nothing is.
std::string damage_of(const Staging& staging, const std::string& set, const AwayPacks& away) {
    try {
        const auto manifest = staging.manifest(set);
        for (const auto& artifact : manifest.artifacts)
            if (!has_size(staging.set(set) / artifact.name, artifact.size))
                return fmt::format("'{}' is missing, or has a different size", artifact.name);
        for (const auto& file : shared_files(manifest))
            if (!is_here(staging, file) && !away.find(file))
                return fmt::format("its {} '{}' is missing, or has a different size",
                                   is_base_name(file.name)    ? "base"
                                   : is_index_name(file.name) ? "index"
                                                              : "pack",
                                   file.name);
        return {};
    } catch (const Error& error) {
        return error.text();
    }
}

}  // namespace

std::vector<Candidate> candidates(const Staging& staging, const Awaited& awaited,
                                  const std::vector<signify::PublicKey>& keys) {
    const auto pinned = pinned_sets(staging);
    const auto damaged = damaged_sets(staging);
    const AwayPacks away(staging);
    std::vector<Candidate> sets;
    for (auto& set : staging.list()) {
        Candidate candidate;
        const auto known = damaged.find(set);
        candidate.damage = known != damaged.end() ? known->second : damage_of(staging, set, away);
        if (!keys.empty()) candidate.foreign = why_foreign(staging, set, keys);
        candidate.pinned = pinned.contains(set);
        if (awaited) candidate.awaited = awaited(set);
        candidate.name = std::move(set);
        sets.push_back(std::move(candidate));
    }
    return sets;
}

}  // namespace mastobak::store
