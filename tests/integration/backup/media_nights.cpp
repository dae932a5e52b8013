// SPDX-License-Identifier: GPL-3.0-or-later
#include "media_nights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/new_set.hpp"
#include "support/index_of.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

/// Calls the function once, at the first progress.
struct Bystander final : backup::Observer {
    std::function<void()> call;
    void step(std::string_view) override {}
    void progress(double, std::string_view) override {
        if (call) std::exchange(call, {})();
    }
    void message(backup::Severity, std::string_view) override {}
};

}  // namespace

MediaNights::MediaNights() {
    fs::create_directories(root);
    config.staging.path = directory / "staging";
    config.staging.min_free = {};
    config.state_directory = directory / "state";
    plan.media_root = root;
    store::Staging(config.staging.path).prepare();
    journal = std::make_unique<media::ChangeJournal>(media::make_journal_group(root), root,
                                                     std::vector<std::string>{});
}

std::optional<backup::PreviousMedia> MediaNights::previous() const {
    std::vector<std::string> ignored;
    return backup::previous_media(config, root, ignored);
}

void MediaNights::night(const Meanwhile& meanwhile) {
    const SystemClock clock;
    manifest = {};
    manifest.started_at = clock.now();
    const auto name = fmt::format("202611{:02}T030000Z", ++nights_);
    store::NewSet set(store::Staging(config.staging.path), name);
    backup::PackPipeline packs(config, {}, false, clock);
    backup::MediaPasses passes(config, plan, set, packs, previous(), journal.get(), clock);
    Bystander observer;
    observer.call = meanwhile.in_first_pass;

    passes.repack(observer, {});
    passes.pre_copy(observer, {});
    meanwhile.before_freeze();
    passes.freeze(observer, {});
    notes = passes.notes();
    if (meanwhile.fails) return;
    passes.finish(observer, {});

    passes.take_index({});
    manifest.set = name;
    manifest.finished_at = clock.now();
    manifest.mode = "quiesce";
    manifest.media = passes.describe();
    manifest = set.publish(manifest, {});
    passes.published();
    passes.remember_contents(store::Staging(config.staging.path).index(manifest), {});
    notes = passes.notes();
    warnings = passes.warnings();
}

std::map<std::string, std::string> MediaNights::files() const {
    std::map<std::string, std::string> all;
    const store::Staging staging(config.staging.path);
    media::IndexReader index(index_of(staging, *staging.latest()));
    while (const auto entry = index.next())
        if (entry->sha256) all.emplace(entry->path, to_hex(*entry->sha256));
    return all;
}

std::map<std::string, std::string> MediaNights::tree() const {
    std::map<std::string, std::string> all;
    for (const auto& item : fs::recursive_directory_iterator(root))
        if (item.is_regular_file())
            all.emplace(item.path().lexically_relative(root), to_hex(sha256_of_file(item.path())));
    return all;
}

std::vector<std::string> MediaNights::damage() const {
    const store::Staging staging(config.staging.path);
    std::vector<std::string> all;
    for (const auto& set : staging.list())
        for (const auto& problem : restore::verify_members(staging, staging.manifest(set), {}, {}))
            all.push_back(set + ": " + problem);
    return all;
}

bool MediaNights::noted(std::string_view text) const {
    return std::any_of(notes.begin(), notes.end(),
                       [&](const auto& note) { return note.find(text) != std::string::npos; });
}

}  // namespace mastobak::test
