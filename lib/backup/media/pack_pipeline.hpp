// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "backup/media/pack_streamer.hpp"
#include "backup/media/space_budget.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "media/tree_options.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// Handles the packs of a run from their completion to the publication of the set. It keeps them
/// for the next run in case this one fails, and uploads them ahead of the set when staging is too
/// small.
class PackPipeline {
 public:
    /// \param reserve space in staging that must stay free for the dump
    /// \param send upload packs as soon as they are complete; otherwise only when staging is full
    PackPipeline(const config::Config& config, Bytes reserve, bool send, const Clock& clock);

    /// Makes a media pass respect the limits of staging. The pass waits for space where an upload
    /// can free some, and throws where it cannot.
    /// \param pass number of the pass in this run, from 1
    /// \param say called with the reason for the wait; must outlive the pass
    void watch(media::TreeOptions& options, int pass, std::function<void(std::string_view)> say,
               std::stop_token stop);
    /// Does the same for the pass of the freeze, which must not wait, and postpones all work that
    /// can be done later.
    void watch_in_freeze(media::TreeOptions& options);
    /// Waits until staging has the space that the freeze is likely to need.
    void make_room_for_freeze(const std::function<void(std::string_view)>& say,
                              std::stop_token stop);

    /// Returns the unfinished packs of earlier runs.
    const std::vector<store::PackRecord>& resumed() const { return resumed_; }
    Bytes carried_bytes() const;
    /// Writes the index from which the first walk continues: see media::resume_index.
    /// \param base index of the last set; empty when there is none
    /// \return false when the unfinished packs turned out to be useless; they are removed then
    bool write_index(const media::IndexFiles& base, Timestamp trusted_until,
                     const std::filesystem::path& out, std::stop_token stop);
    /// Called when this run does not use the unfinished packs of earlier runs.
    void discard_resumed();

    /// Called when all packs are complete and the set is about to be published: stops the uploads.
    void end();
    std::vector<std::string> warnings() const;

 private:
    void keep(const media::Pack& pack, const std::filesystem::path& file,
              const std::filesystem::path& lines, int pass);
    void make_room(Bytes bytes, const std::function<void(std::string_view)>& say,
                   const std::stop_token& stop);
    /// \return false when no upload can free this much space
    bool wait_for_room(Bytes bytes, const std::function<void(std::string_view)>& say,
                       const std::stop_token& stop);
    /// Reserves space.
    /// \return whether this much is available
    bool spend(Bytes bytes);

    const config::Config& config_;
    const Bytes reserve_;
    const bool send_;
    const Clock& clock_;
    const store::Staging staging_;
    std::vector<store::PackRecord> resumed_;
    std::unique_ptr<PackStreamer> ahead_;  ///< null when there are no remotes
    SpaceBudget room_;
    Bytes allowance_;  ///< part of `room_` that is not reserved yet
    std::vector<std::string> warnings_;
};

}  // namespace mastobak::backup
