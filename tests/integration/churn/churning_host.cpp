// SPDX-License-Identifier: GPL-3.0-or-later
#include "churning_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "backup/steps.hpp"
#include "core/files/files.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/formats/signature.hpp"
#include "store/new_set.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"
#include "support/fake_clock.hpp"
#include "support/index_of.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct Nobody final : backup::Observer {
    void step(std::string_view) override {}
    void progress(double, std::string_view) override {}
    void message(backup::Severity, std::string_view) override {}
};

/// In the future, so that all files are older than their set, as on a real host.
const auto beginning = *parse_iso8601("2090-03-15T03:00:00Z");

Bytes bytes_below(const fs::path& directory) {
    Bytes sum;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) sum += Bytes{entry.file_size()};
    return sum;
}

}  // namespace

ChurningHost::ChurningHost(const ChurnOptions& options) : options_(options), now_(beginning) {
    config_.staging.path = options.directory / "staging";
    config_.staging.min_free = {};
    config_.state_directory = options.directory / "state";
    config_.media.pack_size = options.pack_size;
    config_.media.repack_below = options.repack_below;
    config_.retention = options.retention;
    plan_.media_root = options.directory / "system";
    fs::create_directories(config_.state_directory);
    store::Staging(config_.staging.path).prepare();
    for (unsigned i = 0; i < options.files; ++i) add_file();
}

// Each file has its own directory, as with Mastodon.
void ChurningHost::add_file() {
    const auto id = ++made_;
    auto file = plan_.media_root / "media_attachments" / "files" /
                fmt::format("{:03}/{:03}/original/{:016x}.bin", id / 1000, id % 1000, random_());
    fs::create_directories(file.parent_path());
    std::string contents(
        std::uniform_int_distribution<std::size_t>(1, 2 * std::size_t{options_.mean_size})(random_),
        '\0');
    for (auto& byte : contents) byte = static_cast<char>(random_());
    std::ofstream(file, std::ios::binary) << contents;
    size_.churn += Bytes{contents.size()};
    ++added_files_;
    files_.push_back(std::move(file));
}

void ChurningHost::replace_some() {
    size_.churn = {};
    added_files_ = 0;
    const auto count = static_cast<std::size_t>(options_.churn * double(files_.size()));
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = std::uniform_int_distribution<std::size_t>(0, files_.size() - 1)(random_);
        fs::remove(files_[at]);
        std::swap(files_[at], files_.back());
        files_.pop_back();
    }
    for (std::size_t i = 0; i < count; ++i) add_file();
}

void ChurningHost::live_on() {
    if (!sets().empty()) replace_some();
    back_up();
    size_.most = bytes_below(config_.staging.path);
    const auto report = backup::prune_staging(config_, now_, {}, {});
    if (!report.warnings.empty()) throw std::runtime_error(report.warnings.front());
    size_.after = bytes_below(config_.staging.path);
    size_.live = live_bytes();
    now_ += 24h;
}

void ChurningHost::back_up() {
    const FakeClock clock(now_);
    const store::Staging staging(config_.staging.path);
    const auto lock = store::lock(staging);
    staging.clean();
    const auto keys = store::make_keys(config_.state_directory, staging);
    store::NewSet set(staging, to_set_name(now_));
    set.sign_with(*keys.own);
    backup::PackPipeline packs(config_, {}, false, clock);
    backup::MediaPasses passes(config_, plan_, set, packs, previous(), nullptr, clock);
    Nobody observer;
    passes.repack(observer, {});
    passes.pre_copy(observer, {});
    passes.freeze(observer, {});
    passes.finish(observer, {});

    store::Manifest manifest;
    manifest.set = set.name();
    manifest.started_at = now_;
    manifest.finished_at = now_ + 10min;
    passes.take_index({});
    HashingFile dump(set.directory() / "database.dump.zst");
    const std::string rows(options_.dump.count, 'd');
    dump.write(std::as_bytes(std::span(rows)));
    set.add({"database.dump.zst", options_.dump, dump.finish()});
    manifest.media = passes.describe();
    manifest = set.publish(manifest, {});
    passes.published();
    // Fewer than were added, if two have the same contents.
    repacked_files_ += std::max(manifest.media.new_files, added_files_) - added_files_;
}

std::optional<backup::PreviousMedia> ChurningHost::previous() const {
    std::vector<std::string> warnings;
    return backup::previous_media(config_, plan_.media_root, warnings);
}

double ChurningHost::overhead() const {
    return (double(size_.most.count) - 3 * double(size_.churn.count)) / double(size_.live.count);
}

std::vector<std::string> ChurningHost::sets() const {
    return store::Staging(config_.staging.path).list();
}

// Does not use the manifests, because the test checks their sums.
Bytes ChurningHost::live_bytes() const {
    const store::Staging staging(config_.staging.path);
    auto live = bytes_below(staging.sets());
    std::set<std::pair<std::string, std::uint64_t>> members;
    std::set<fs::path> shared_indexes;
    for (const auto& set : staging.list()) {
        const auto files = index_of(staging, set);
        if (files.whole.parent_path() == staging.media() &&
            shared_indexes.insert(files.whole).second)
            live += Bytes{fs::file_size(files.whole)};
        media::IndexReader index(files);
        while (const auto entry = index.next())
            if (!entry->pack.empty() && members.emplace(entry->pack, entry->offset).second)
                live += Bytes{entry->stored};
    }
    return live;
}

std::vector<std::string> ChurningHost::damage() const {
    const store::Staging staging(config_.staging.path);
    std::vector<std::string> all;
    for (const auto& set : staging.list())
        for (const auto& problem :
             store::verify(staging, set, &restore::verify_members, {}).problems)
            all.push_back(set + ": " + problem);
    return all;
}

}  // namespace mastobak::test
