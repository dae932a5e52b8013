// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumped_nights.hpp"

#include <map>

#include "backup/database/dump_database.hpp"
#include "backup/retention/prune.hpp"
#include "postgres/inspect.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/formats/signature.hpp"
#include "store/new_set.hpp"
#include "store/verify.hpp"
#include "support/described_database.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

const auto first_night = *parse_iso8601("2026-11-22T03:00:00Z");

Bytes bytes_below(const fs::path& directory) {
    Bytes sum;
    if (!fs::exists(directory)) return sum;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) sum += Bytes{entry.file_size()};
    return sum;
}

}  // namespace

DumpedNights::DumpedNights(const DumpedNightsOptions& options)
    : settings_(options.settings), staging_(options.directory / "staging"), now_(first_night) {
    config_.staging.path = staging_.root();
    config_.staging.min_free = {};
    config_.state_directory = options.directory / "state";
    config_.database = options.database;
    config_.retention = options.retention;
    fs::create_directories(config_.state_directory);
    staging_.prepare();
}

void DumpedNights::back_up(const std::function<void(const postgres::Snapshot&)>& at_its_instant) {
    const auto before = stored();
    const auto lock = store::lock(staging_);
    staging_.clean();
    const auto keys = store::make_keys(config_.state_directory, staging_);
    store::NewSet set(staging_, to_set_name(now_));
    set.sign_with(*keys.own);
    postgres::Snapshot snapshot(settings_);
    backup::Plan plan;
    plan.database = settings_;
    plan.facts = postgres::inspect(snapshot.connection());
    plan.tools = postgres::find_tools(snapshot.connection().server_major());
    if (at_its_instant) at_its_instant(snapshot);
    const auto night = backup::dump_database(config_, plan, snapshot.id(), set, now_, {}, {});
    if (!night.warnings.empty()) throw std::runtime_error(night.warnings.front());
    for (const auto& file : night.files) set.add(file);

    store::Manifest manifest;
    manifest.set = set.name();
    manifest.started_at = now_;
    manifest.finished_at = now_ + 10min;
    describe(manifest, settings_.database, plan.facts, {}, night.dump, plan.facts.owner);
    manifest.database.base = night.base;
    manifest.database.rows = snapshot.count_rows({});
    set.publish(manifest, {});
    added_ = Bytes{stored().count - before.count};
}

std::vector<std::string> DumpedNights::prune() const {
    return backup::prune_staging(config_, now_, {}, {}).warnings;
}

Bytes DumpedNights::stored() const {
    return bytes_below(staging_.sets()) + bytes_below(staging_.database());
}

Bytes DumpedNights::named() const {
    Bytes sum;
    std::map<std::string, Bytes> bases;
    for (const auto& set : staging_.list()) {
        const auto manifest = staging_.manifest(set);
        for (const auto& artifact : manifest.artifacts) sum += artifact.size;
        for (const auto* name : {"manifest.json", "SHA256SUMS", "SHA256SUMS.sig"})
            sum += Bytes{fs::file_size(staging_.set(set) / name)};
        const auto& base = manifest.database.base.value();
        bases[base.name] = base.size;
    }
    for (const auto& [name, size] : bases) sum += size;
    return sum;
}

std::vector<std::string> DumpedNights::damage() const {
    std::vector<std::string> all;
    for (const auto& set : staging_.list())
        for (const auto& problem :
             store::verify(staging_, set, {}, {}, &restore::verify_dump).problems)
            all.push_back(set + ": " + problem);
    return all;
}

}  // namespace mastobak::test
