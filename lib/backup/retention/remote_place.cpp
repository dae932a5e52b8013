// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/remote_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/text.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/marks.hpp"
#include "store/pack_record.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

constexpr auto keep = "keep";

offsite::Object pin_object(const store::Staging& staging, const std::string& set) {
    const auto file = store::pin_file(staging, set);
    return {fmt::format("{}/{}", keep, set), file, {fs::file_size(file)}, sha256_of_file(file)};
}

}  // namespace

std::string waits_for(const config::Config& config, const config::Remote& entry) {
    const auto jobs = offsite::Queue(offsite::queue_directory(config.state_directory)).list();
    const auto queued = std::count_if(jobs.begin(), jobs.end(),
                                      [&](const auto& job) { return job.remote == entry.name; });
    if (queued > 0)
        return counted(queued, "set that is queued for it", "sets that are queued for it");
    offsite::History history(offsite::history_file(config.state_directory));
    const auto complete = history.of(entry.name).newest_set;
    const auto newest = store::Staging(config.staging.path).latest();
    if (newest && complete < newest)
        return fmt::format("the newest set, '{}', which is not there yet", *newest);
    return {};
}

std::set<std::string> shared_files_needed_here(const config::Config& config) {
    const store::Staging staging(config.staging.path);
    std::set<std::string> packs;
    for (const auto& set : staging.list())
        for (const auto& file : shared_files(staging.manifest(set)))
            if (!config.staging.keep_packs || !store::is_here(staging, file))
                packs.insert(file.name);
    for (const auto& record : store::unfinished_packs(staging)) packs.insert(record.name);
    return packs;
}

ExchangedPins exchange_pins(const store::Staging& staging, offsite::Remote& remote, bool dry_run,
                            const std::stop_token& stop) {
    ExchangedPins pins{store::pinned_sets(staging), {}};
    const auto released = store::released_sets(staging);
    const auto there = remote.list(keep, stop);
    std::vector<std::string> taken_back;
    for (const auto& set : pins.pinned)
        if (!there.contains(set) && !dry_run) remote.put(pin_object(staging, set), {}, stop);
    for (const auto& [set, size] : there)
        if (released.contains(set))
            taken_back.push_back(fmt::format("{}/{}", keep, set));
        else if (store::is_set_name(set))
            pins.pinned.insert(set);
    if (!dry_run && !taken_back.empty()) pins.refusal = remote.remove(taken_back, stop);
    return pins;
}

}  // namespace mastobak::backup
