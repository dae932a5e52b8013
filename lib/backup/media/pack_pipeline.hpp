// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "backup/media/pack_streamer.hpp"
#include "backup/media/space_budget.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "media/backup_tree.hpp"
#include "media/tree_options.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// The packs of a run, from the moment each is whole until the set is published: kept for the next
/// run if this one comes to no end, and sent off-site ahead of the set where staging is too small.
class PackPipeline {
 public:
    /// \param reserve that has to be left for what comes after the media: the dump
    /// \param send    as soon as they are whole; otherwise only when staging is full
    PackPipeline(const config::Config& config, Bytes reserve, bool send, const Clock& clock);

    /// Has a pass of the media make its packs within the limits of staging. It waits for room where
    /// remotes can make some, and throws where there is none.
    /// \param pass of this run, from 1
    /// \param say  is told what it waits for; outlives the pass
    void watch(media::TreeOptions& options, int pass, std::function<void(std::string_view)> say,
               std::stop_token stop);
    /// The same for the pass of the freeze, which must not wait, nor do what can be done later.
    void watch_in_freeze(media::TreeOptions& options);
    /// Waits for what the freeze is likely to need.
    void make_room_for_freeze(const std::function<void(std::string_view)>& say,
                              std::stop_token stop);

    /// Packs that earlier runs left.
    const std::vector<store::PackRecord>& resumed() const { return resumed_; }
    Bytes carried_bytes() const;
    /// Writes the index that the first walk continues from: see media::resume_index.
    /// \param base empty: there is no last set
    /// \return false: they were of no use after all, and are removed
    bool write_index(const std::filesystem::path& base, Timestamp trusted_until,
                     const std::filesystem::path& out, std::stop_token stop);
    /// This run does not use them.
    void discard_resumed();

    /// All packs are made and the set is about to be published: nothing is sent ahead any more.
    void end();
    std::vector<std::string> warnings() const;

 private:
    void keep(const media::Pack& pack, const std::filesystem::path& file,
              const std::filesystem::path& lines, int pass);
    void make_room(Bytes bytes, const std::function<void(std::string_view)>& say,
                   const std::stop_token& stop);
    /// \return false: nothing can make that room
    bool wait_for_room(Bytes bytes, const std::function<void(std::string_view)>& say,
                       const std::stop_token& stop);
    /// Returns whether that much fits; it counts as used then.
    bool spend(Bytes bytes);

    const config::Config& config_;
    const Bytes reserve_;
    const bool send_;
    const Clock& clock_;
    const store::Staging staging_;
    std::vector<store::PackRecord> resumed_;
    std::unique_ptr<PackStreamer> ahead_;  ///< null without remotes
    SpaceBudget room_;
    Bytes allowance_;  ///< of the room as it was last looked at, and not asked for yet
    std::vector<std::string> warnings_;
};

}  // namespace mastobak::backup
