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
#include "backup/observer.hpp"
#include "backup/plan.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "media/backup_tree.hpp"
#include "media/pack/digest_cache.hpp"
#include "media/tree_options.hpp"
#include "store/formats/manifest.hpp"
#include "store/new_set.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// Where the state directory has what is known of the contents of the last set's files: see
/// media::DigestCache.
std::filesystem::path contents_file(const config::Config& config);

/// The media of one run: live passes until little is left, the pass of the freeze, and what can
/// wait until the units run again. Each pass packs what changed since the one before, and finds
/// that by the change journal or, where that is incomplete, by a walk. What is done while Mastodon
/// runs is done in the background (core/idle_priority.hpp) and within media.rate_limit.
///
/// repack, pre_copy, freeze and finish are called in this order, from any thread; they block, and
/// throw Error{media|staging|corrupt|cancelled}. The first two may be left out.
class MediaPasses {
 public:
    /// \param journal null: each pass walks. Its root and what it leaves out are those of the plan.
    MediaPasses(const config::Config& config, const Plan& plan, store::NewSet& set,
                PackPipeline& packs, std::optional<PreviousMedia> previous,
                media::ChangeJournal* journal, const Clock& clock);

    /// Packs again what the last set needs of packs of which it needs little (media.repack_below):
    /// this set does without them, and they go with the sets before it. While Mastodon runs.
    void repack(Observer& observer, std::stop_token stop);
    /// While Mastodon runs; again and again while much has changed meanwhile.
    void pre_copy(Observer& observer, std::stop_token stop);
    /// The last pass, or the only one. By the journal it neither reads nor writes a complete index.
    void freeze(Observer& observer, std::stop_token stop);
    /// Makes the complete index, and checks the journal where that was due.
    void finish(Observer& observer, std::stop_token stop);

    /// Moves the index into the set, and puts the list of its parts beside it.
    /// Returns where the index is.
    std::filesystem::path take_index();
    /// What the manifest says of the media; removes what only the passes themselves needed.
    void describe(store::Manifest& manifest);
    /// The set is published: the next run continues from it. Without this call the destructor gives
    /// back to the journal what this run took.
    void published();

    /// Makes the list of the contents that the next run need not pack again. It is a cache: a
    /// failure costs nothing but that.
    /// \param set the published one, with the index
    void remember_contents(const std::filesystem::path& set, const std::stop_token& stop) noexcept;

    /// Something was lost: the next run walks, whatever the journal says.
    void distrust_journal() noexcept;

    std::vector<std::string> warnings() const;
    /// For the journal of the system: what the passes did, and why they walked.
    const std::vector<std::string>& notes() const { return notes_; }

 private:
    /// What a pass by the journal has found.
    struct Look {
        std::filesystem::path delta;
        media::Paths paths;
    };

    /// Politely, and in a thread of its own; waits for it.
    void while_mastodon_runs(const std::function<void()>& work);
    void pass(Observer& observer, const std::stop_token& stop);
    /// Why the tree is walked though the journal is whole; empty: it is not.
    std::string why_walk();
    /// \return the gap, after which the tree has to be walked
    std::string look_at(const media::Paths& paths, Observer& observer, const std::stop_token& stop);
    void walk(Timestamp begun, Observer& observer, const std::stop_token& stop);
    /// Makes a complete index of the last complete one and what has been looked at since.
    void merge(const std::stop_token& stop);
    void check_journal(const std::stop_token& stop);
    bool much_is_left();
    /// The index that the first walk starts from.
    void go_on_from_carried(const std::stop_token& stop);

    media::TreeOptions tree_options(Observer& observer, const std::stop_token& stop);
    void count_packs(const media::TreeResult& result);
    void report(Observer& observer, const media::TreeProgress& done, double share);
    /// A file of this run's own, removed when all is described.
    std::filesystem::path scratch(std::string_view kind);

    // Constant after construction.
    const config::Config& config_;
    const Plan& plan_;
    store::NewSet& set_;
    PackPipeline& pipeline_;
    const std::optional<PreviousMedia> previous_;
    const Clock& clock_;
    const std::optional<JournalBasis> basis_;

    std::optional<Bytes> rate_limit_;                   ///< of the pass under way
    std::optional<media::DigestCache> known_contents_;  ///< of the previous set
    JournalUse journal_;
    int passes_ = 0;
    bool in_freeze_ = false;                  ///< Mastodon is stopped for this pass alone
    std::filesystem::path index_;             ///< the newest complete one
    std::vector<Look> looks_;                 ///< since then: to be merged with it
    bool check_is_due_ = false;               ///< of the journal, by the walk of the first pass
    std::filesystem::path walked_index_;      ///< to be checked against the journal; empty: no need
    Timestamp trusted_until_;                 ///< of the complete index: see media::TreeOptions
    std::optional<Timestamp> walked_at_;      ///< in this run
    std::vector<media::FollowedLink> links_;  ///< of the walk before, or of the last set
    bool linked_ = false;                     ///< the tree has files of several names
    std::chrono::nanoseconds last_took_{0};   ///< pass

    media::TreeResult last_;
    Bytes last_packed_;
    std::uint64_t new_files_ = 0;
    Bytes new_bytes_;
    std::uint64_t known_files_ = 0;
    Bytes known_bytes_;
    std::map<std::string, store::PackReference> packs_;  ///< known ones: earlier sets' and new
    unsigned packs_made_ = 0;
    std::vector<std::filesystem::path> scratch_;
    std::vector<std::string> notes_;
    std::vector<std::string> repack_warnings_;
};

}  // namespace mastobak::backup
