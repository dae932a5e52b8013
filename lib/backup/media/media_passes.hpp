// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "backup/media/journal_basis.hpp"
#include "backup/media/journal_use.hpp"
#include "backup/media/pack_pipeline.hpp"
#include "backup/plan.hpp"
#include "backup/steps.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "media/index/index.hpp"
#include "media/pack/digest_cache.hpp"
#include "media/tree_options.hpp"
#include "store/formats/manifest.hpp"
#include "store/new_set.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// The media part of a manifest.
using MediaDescription = decltype(store::Manifest::media);

/// Returns the file in the state directory that records the contents of the last set's files: see
/// media::DigestCache.
std::filesystem::path contents_file(const config::Config& config);

/// The media passes of one run: passes while Mastodon runs until few changes are left, the pass of
/// the freeze, and the work that can wait until the units run again. Each pass packs the files that
/// changed since the previous pass. It finds them with the change journal or, where the journal is
/// incomplete, with a walk. Passes while Mastodon runs have idle priority (core/process/privilege.hpp)
/// and respect media.rate_limit.
///
/// Call repack, pre_copy, freeze and finish in this order, from any thread. They block and throw
/// Error{media|staging|corrupt|cancelled}. The first two may be left out.
class MediaPasses {
 public:
    /// \param journal null: each pass walks the tree. Its root and its excluded directories must be
    ///        those of the plan
    MediaPasses(const config::Config& config, const Plan& plan, store::NewSet& set,
                PackPipeline& packs, std::optional<PreviousMedia> previous,
                media::ChangeJournal* journal, const Clock& clock);

    /// Repacks: copies the members that the last set needs from packs of little use
    /// (media.repack_below) into new packs. This set then does not need the old packs, and they are
    /// removed together with the older sets. Called while Mastodon runs.
    void repack(Observer& observer, std::stop_token stop);
    /// Makes passes while Mastodon runs, until few changes are left.
    void pre_copy(Observer& observer, std::stop_token stop);
    /// Makes the last (or only) pass. With the journal it neither reads nor writes a complete
    /// index.
    void freeze(Observer& observer, std::stop_token stop);
    /// Makes the complete index, and checks the journal if a check is due.
    void finish(Observer& observer, std::stop_token stop);

    /// Moves the index into the set, as a whole, as its changes since an older index that other sets
    /// have, too, or as a new index that later sets can share. Writes the list of its parts.
    /// \return the index in the unpublished set
    media::IndexFiles take_index(const std::stop_token& stop);
    /// Returns the media part of the manifest, and removes the temporary files of the passes.
    MediaDescription describe();
    /// Called when the set is published, so that the next run continues from it. Without this call
    /// the destructor returns this run's changes to the journal.
    void published();

    /// Writes the list of contents that the next run does not need to pack again. The list is a
    /// cache: after a failure, the next run only packs more.
    /// \param index the index of the published set
    void remember_contents(const store::StoredIndex& index, const std::stop_token& stop) noexcept;

    /// Called when files were lost: makes the next run walk the tree, even if the journal is
    /// complete.
    void distrust_journal() noexcept;

    std::vector<std::string> warnings() const;
    /// Returns lines for the system journal: what the passes did, and why they walked the tree.
    const std::vector<std::string>& notes() const { return notes_; }

 private:
    /// The result of a pass with the journal.
    struct Look {
        std::filesystem::path delta;
        media::Paths paths;
    };

    /// Runs the work at idle priority in a separate thread, and waits for it.
    void while_mastodon_runs(const std::function<void()>& work);
    void pass(Observer& observer, const std::stop_token& stop);
    /// Returns why the tree must be walked although the journal is complete; empty when it need not
    /// be.
    std::string why_walk();
    /// \return why the tree must be walked after all; empty when the pass succeeded
    std::string look_at(const media::Paths& paths, Observer& observer, const std::stop_token& stop);
    void walk(Timestamp begun, Observer& observer, const std::stop_token& stop);
    /// Merges the last complete index with the results of the later passes into a new complete
    /// index.
    void merge(const std::stop_token& stop);
    void check_journal(const std::stop_token& stop);
    bool much_is_left();
    /// Makes the index from which the first walk starts.
    void go_on_from_carried(const std::stop_token& stop);

    media::TreeOptions tree_options(Observer& observer, const std::stop_token& stop);
    void count_packs(const media::TreeResult& result);
    void report(Observer& observer, const media::TreeProgress& done, double share);
    /// Stores the index as its changes since the base of the previous set's index.
    /// \return the parts of the base; nullopt if there is no base, or if too much has changed
    std::optional<std::vector<media::IndexPart>> store_changes(const std::stop_token& stop);
    /// Moves the index to a path, and fsyncs it.
    void move_index(const std::filesystem::path& to);
    /// Returns the path of a new temporary file, which describe() removes.
    std::filesystem::path scratch(std::string_view kind);

    // Constant after construction.
    const config::Config& config_;
    const Plan& plan_;
    store::NewSet& set_;
    PackPipeline& pipeline_;
    const std::optional<PreviousMedia> previous_;
    const Clock& clock_;
    const std::optional<JournalBasis> basis_;

    std::optional<Bytes> rate_limit_;                   ///< rate limit of the current pass
    std::optional<media::DigestCache> known_contents_;  ///< contents of the previous set
    JournalUse journal_;
    int passes_ = 0;
    bool in_freeze_ = false;     ///< Mastodon is stopped for the current pass
    media::IndexFiles index_;    ///< the newest complete index
    std::vector<Look> looks_;    ///< passes since then, to be merged with it
    bool check_is_due_ = false;  ///< the walk of the first pass checks the journal
    /// index to compare with the journal; empty when no check is due
    media::IndexFiles walked_index_;
    Timestamp trusted_until_;                 ///< for the complete index: see media::TreeOptions
    std::optional<Timestamp> walked_at_;      ///< time of the last walk in this run
    std::vector<media::FollowedLink> links_;  ///< found by the last walk, or by the last set
    bool linked_ = false;                     ///< the tree has hard links or followed symlinks
    std::chrono::nanoseconds last_took_{0};   ///< duration of the last pass

    std::optional<store::Artifact> index_base_;  ///< set by take_index()

    media::TreeResult last_;
    Bytes last_packed_;
    std::uint64_t new_files_ = 0;
    Bytes new_bytes_;
    std::uint64_t known_files_ = 0;
    Bytes known_bytes_;
    std::map<std::string, store::PackReference> packs_;  ///< packs of earlier sets and new packs
    unsigned packs_made_ = 0;
    std::vector<std::filesystem::path> scratch_;
    std::vector<std::string> notes_;
    std::vector<std::string> repack_warnings_;
};

}  // namespace mastobak::backup
