// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/media_passes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <system_error>
#include <utility>

#include "backup/media/index_warnings.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "media/backup_tree.hpp"
#include "media/index/merge_index.hpp"
#include "media/journal/journal_check.hpp"
#include "media/tree/media_root.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
using namespace std::chrono_literals;
namespace {

/// The maximum number of live passes. An instance that writes faster than mastobak can copy must be
/// stopped at some point.
constexpr int most_passes = 5;
/// The maximum number of walks in a pass: see MediaPasses::walk. Each symlink behind another
/// symlink needs one more walk.
constexpr int most_walks = 4;
/// The next pass finds about as much as the last one packed. This amount takes less than a second.
constexpr Bytes little{std::uint64_t{64} << 20};
/// The first pass packs the files of a whole day, so its amount does not predict that of the next
/// pass, but its duration does.
constexpr auto soon = 60s;

/// Twice the kernel's coarsest tick: see TreeOptions::trusted_until.
constexpr auto margin = 20ms;

/// Returns part / whole, from 0 to 1; negative when the whole is unknown.
double ratio(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return -1;
    return std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

fs::path contents_file(const config::Config& config) {
    return config.state_directory / "media-contents";
}

MediaPasses::MediaPasses(const config::Config& config, const Plan& plan, store::NewSet& set,
                         PackPipeline& packs, std::optional<PreviousMedia> previous,
                         media::ChangeJournal* journal, const Clock& clock)
    : config_(config),
      plan_(plan),
      set_(set),
      pipeline_(packs),
      previous_(std::move(previous)),
      clock_(clock),
      basis_(read_journal_basis(config.state_directory)),
      journal_(journal) {
    for (const auto& pack : pipeline_.resumed())
        packs_.emplace(pack.name, store::PackReference{pack.name, pack.size, pack.sha256, 0, {}});
    if (!previous_) return;
    index_ = previous_->index;
    trusted_until_ = previous_->finished_at - margin;
    links_ = previous_->followed_links;
    last_.excluded_bytes = previous_->excluded_bytes;
    for (const auto& pack : previous_->packs) packs_.emplace(pack.name, pack);
    known_contents_ = media::DigestCache::open(contents_file(config_), previous_->index_sha256);
}

void MediaPasses::pre_copy(Observer& observer, std::stop_token stop) {
    while_mastodon_runs([&] {
        do {
            pass(observer, stop);
        } while (passes_ < most_passes && much_is_left());
        pipeline_.make_room_for_freeze(
            [&observer](std::string_view text) { observer.progress(-1, text); }, stop);
    });
}

void MediaPasses::freeze(Observer& observer, std::stop_token stop) {
    // The list of known contents is on disk. A lookup for each file would prolong the freeze.
    in_freeze_ = passes_ > 0;
    if (in_freeze_) known_contents_.reset();
    if (config_.consistency.mode != config::ConsistencyMode::live) return pass(observer, stop);
    while_mastodon_runs([&] { pass(observer, stop); });
}

void MediaPasses::finish(Observer&, std::stop_token stop) {
    while_mastodon_runs([&] {
        merge(stop);
        check_journal(stop);
    });
}

void MediaPasses::while_mastodon_runs(const std::function<void()>& work) {
    rate_limit_ = config_.media.rate_limit;
    run_at_idle_priority(work);
    rate_limit_.reset();
}

void MediaPasses::pass(Observer& observer, const std::stop_token& stop) {
    const auto begun = clock_.now();
    const auto steady = clock_.steady();
    // The changes are taken before the pass, so that later changes belong to the next pass.
    auto changes = journal_.take();
    auto gap = changes.gap;
    if (gap.empty()) gap = why_walk();
    ++passes_;
    if (gap.empty()) gap = look_at(changes.paths, observer, stop);
    if (!gap.empty()) {
        walk(begun, observer, stop);
        if (journal_.exists() || passes_ > 1)
            notes_.push_back(
                fmt::format("media pass {} walked the tree, change journal: {}", passes_, gap));
    }
    last_took_ = clock_.steady() - steady;
}

std::string MediaPasses::why_walk() {
    if (linked_)
        return "it does not cover files with several names (hard links) and directories behind "
               "symlinks";
    if (passes_ > 0) return {};
    if (!previous_) return "there is no earlier set";
    if (!basis_ || basis_->set != previous_->set) return "it does not continue from the last set";
    if (previous_->excluded != plan_.excluded) return "other directories are to be left out";
    if (!previous_->followed_links.empty()) return "symlinks lead out of the tree";
    if (pipeline_.carried_bytes() > little)
        return "an interrupted run has left packs to continue from";
    const auto age = clock_.now() - basis_->walked_at;
    if (age >= 0s && age < config_.media.full_walk) return {};
    check_is_due_ = true;
    return fmt::format("it is being checked (media.full_walk), the last walk was on {}",
                       to_local_text(basis_->walked_at));
}

std::string MediaPasses::look_at(const media::Paths& paths, Observer& observer,
                                 const std::stop_token& stop) {
    if (passes_ == 1) pipeline_.discard_resumed();
    auto options = tree_options(observer, stop);
    options.index = scratch("delta");
    const auto progress = [&](const auto& done) {
        report(observer, done, ratio(done.files, paths.size()));
    };
    auto delta = media::backup_changes(options, paths, progress, stop);
    count_packs(delta.result);
    if (!delta.gap.empty()) return std::move(delta.gap);
    looks_.push_back({options.index, paths});
    last_.vanished = delta.result.vanished;
    last_.warnings_in_all += delta.result.warnings_in_all;
    for (auto& warning : delta.result.warnings) last_.warnings.push_back(std::move(warning));
    return {};
}

void MediaPasses::walk(Timestamp begun, Observer& observer, const std::stop_token& stop) {
    if (passes_ == 1) go_on_from_carried(stop);
    merge(stop);
    auto excluded_bytes = last_.excluded_bytes;
    // The target of a symlink may be in the tree at another place. A walk has to know this before
    // it packs the first of the two.
    for (int walks = 1;; ++walks) {
        auto options = tree_options(observer, stop);
        options.previous_index = index_;
        options.trusted_until = trusted_until_;
        options.known_links = links_;
        options.may_defer = walks < most_walks;
        options.index = scratch("walked");
        const auto progress = [&](const auto& done) {
            report(observer, done, ratio(done.bytes.count, plan_.media_size.count));
        };
        options.count_excluded =
            passes_ == 1 && walks == 1;  // if possible, not while Mastodon is stopped
        last_ = media::backup_tree(options, progress, stop);
        if (options.count_excluded) excluded_bytes = last_.excluded_bytes;
        last_.excluded_bytes = excluded_bytes;
        count_packs(last_);
        index_ = options.index;
        trusted_until_ = clock_.now() - margin;
        links_ = last_.followed;
        links_.insert(links_.end(), last_.repeated.begin(), last_.repeated.end());
        if (last_.repeated.empty()) break;
    }
    if (std::exchange(check_is_due_, false)) walked_index_ = index_;
    walked_at_ = begun;
    linked_ = last_.linked_files > 0 || !last_.followed.empty();
}

void MediaPasses::merge(const std::stop_token& stop) {
    if (looks_.empty()) return;
    // The results of the passes are merged first, because they are small; the complete index is
    // then read and written only once.
    auto all = std::move(looks_.front());
    for (std::size_t i = 1; i < looks_.size(); ++i) {
        const auto delta = scratch("delta");
        media::merge_index(all.delta, looks_[i].delta, looks_[i].paths, delta, stop);
        all.delta = delta;
        all.paths.merge(looks_[i].paths);
    }
    looks_.clear();
    const auto index = scratch("merged");
    auto merged = media::merge_index(index_, all.delta, all.paths, index, stop);
    index_ = index;
    last_.index = merged.index;
    last_.packs_used = std::move(merged.packs_used);
    media::check_not_empty(plan_.media_root, merged.index.files);
    if (auto warning = media::shrinkage(merged.index.files, merged.base_files)) {
        last_.warnings.push_back(std::move(*warning));
        ++last_.warnings_in_all;
    }
}

void MediaPasses::check_journal(const std::stop_token& stop) {
    if (walked_index_.empty() || linked_) return;
    const auto named = journal_.all();
    if (!named.gap.empty()) return;
    const auto missed = media::check_journal(previous_->index, walked_index_, named.paths, stop);
    if (missed.count == 0) {
        notes_.emplace_back("a walk of the media has found the same changes as the change journal");
        return;
    }
    last_.warnings.push_back(fmt::format(
        "the change journal missed {}, the first is '{}'; the walk has found them; please report "
        "this as a defect of mastobak",
        counted(missed.count, "change"), missed.first));
    ++last_.warnings_in_all;
}

bool MediaPasses::much_is_left() {
    if (journal_.exists() && !linked_) return journal_.much_is_waiting();
    return last_packed_ > little || (passes_ == 1 && last_took_ > soon);
}

void MediaPasses::go_on_from_carried(const std::stop_token& stop) {
    if (pipeline_.resumed().empty()) return;
    const auto carried = pipeline_.resumed().size();
    const auto index = scratch("carried");
    if (!pipeline_.write_index(index_, trusted_until_, index, stop)) return;
    notes_.push_back(
        fmt::format("continuing from {} of an interrupted run", counted(carried, "pack")));
    index_ = index;
    trusted_until_ = Timestamp::max();  // all entries of this index can be trusted
}

media::TreeOptions MediaPasses::tree_options(Observer& observer, const std::stop_token& stop) {
    media::TreeOptions options;
    options.root = plan_.media_root;
    options.owners = plan_.media_owners;
    options.excluded = plan_.excluded;
    options.pack_directory = set_.pack_directory();
    options.pack_prefix = set_.name();
    options.first_pack = packs_made_ + 1;
    options.pack_size = config_.media.pack_size;
    options.rate_limit = rate_limit_;
    options.known_contents = known_contents_ ? &*known_contents_ : nullptr;
    if (in_freeze_) {
        pipeline_.watch_in_freeze(options);
    } else {
        const auto say = [&observer](std::string_view text) { observer.progress(-1, text); };
        pipeline_.watch(options, passes_, say, stop);
    }
    return options;
}

void MediaPasses::count_packs(const media::TreeResult& result) {
    for (const auto& pack : result.new_packs)
        packs_[pack.name] = {pack.name, pack.size, pack.sha256, 0, {}};
    packs_made_ += static_cast<unsigned>(result.new_packs.size());
    new_files_ += result.packed_files;
    new_bytes_ += result.packed_bytes;
    known_files_ += result.known_files;
    known_bytes_ += result.known_bytes;
    last_packed_ = result.packed_bytes;
}

void MediaPasses::report(Observer& observer, const media::TreeProgress& done, double share) {
    observer.progress(share,
                      fmt::format("{}, {}", counted(done.files, "file"), to_string(done.bytes)));
}

fs::path MediaPasses::scratch(std::string_view kind) {
    scratch_.push_back(set_.pack_directory() / fmt::format("{}-{}.zst", kind, scratch_.size()));
    return scratch_.back();
}

MediaDescription MediaPasses::describe() {
    if (known_files_ > 0)
        notes_.push_back(fmt::format("the contents of {} ({}) are in a pack already",
                                     counted(known_files_, "new or changed file"),
                                     to_string(known_bytes_)));
    MediaDescription media;
    media.root = plan_.media_root.native();
    media.scope = config_.media.scope == config::MediaScope::all ? "all" : "local";
    media.excluded = plan_.excluded;
    media.excluded_bytes = last_.excluded_bytes;
    for (const auto& link : last_.followed) {
        media.followed_links.emplace_back(link.path, link.target);
        notes_.push_back(
            fmt::format("'{}' of the media is a symlink to '{}', which is in the set "
                        "in its place as a directory",
                        readable(link.path), readable(link.target)));
    }
    media.index_base = index_base_;
    media.files = last_.index.files;
    media.bytes = last_.index.file_bytes;
    media.new_files = new_files_;
    media.new_bytes = new_bytes_;
    media.vanished = last_.vanished;
    for (const auto& [name, use] : last_.packs_used) {
        const auto known = packs_.find(name);
        if (known == packs_.end())
            throw Error(Errc::internal, fmt::format("the index names an unknown pack '{}'", name));
        auto& pack = media.packs.emplace_back(known->second);
        pack.entries = use.entries;
        pack.live = std::min(use.stored, pack.size);
    }
    std::error_code ignored;
    for (const auto& [name, pack] : packs_)
        if (!last_.packs_used.contains(name)) fs::remove(set_.pack_directory() / name, ignored);
    for (const auto& file : scratch_) fs::remove(file, ignored);
    return media;
}

void MediaPasses::published() {
    if (!journal_.exists()) return;
    // The journal cannot start from a tree with hard links.
    const auto set = linked_ ? std::string() : set_.name();
    const auto walked_at = walked_at_ ? *walked_at_ : basis_->walked_at;
    try {
        write_journal_basis(config_.state_directory, {set, walked_at});
    } catch (const Error&) {
        // This run has succeeded. The old basis stays valid, because the journal gets the taken
        // changes back.
        return;
    }
    journal_.keep();
}

void MediaPasses::distrust_journal() noexcept {
    if (!basis_) return;
    try {
        write_journal_basis(config_.state_directory, {{}, basis_->walked_at});
    } catch (...) {
        // The lost files are the error to report. The next run will find them again.
    }
}

std::vector<std::string> MediaPasses::warnings() const {
    auto warnings = last_.warnings;
    if (last_.warnings_in_all > warnings.size())
        warnings.push_back(
            fmt::format("and {} more of that kind", last_.warnings_in_all - warnings.size()));
    warnings.insert(warnings.end(), repack_warnings_.begin(), repack_warnings_.end());
    auto of_index = index_warnings(last_.index);
    std::ranges::move(of_index, std::back_inserter(warnings));
    return warnings;
}

}  // namespace mastobak::backup
