// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/observer.hpp"
#include "backup/plan.hpp"
#include "config/config.hpp"
#include "media/backup_tree.hpp"
#include "store/manifest.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// The media of one run: a pass over the tree, and where a live pass came first, another one that
/// packs only what changed since. The last pass makes the index that counts.
class MediaPasses {
 public:
    MediaPasses(const config::Config& config, const Plan& plan, const store::NewSet& set,
                std::optional<PreviousMedia> previous);

    /// Blocks. Throws Error{media|staging|cancelled}.
    void pass(Observer& observer, std::stop_token stop);

    /// Moves the index into the set.
    store::Artifact take_index();
    /// What the manifest says of the media; removes what only the passes themselves needed.
    void describe(store::Manifest& manifest);
    std::vector<std::string> warnings() const;

 private:
    std::filesystem::path index_of_pass(int number) const;

    const config::Config& config_;
    const Plan& plan_;
    const store::NewSet& set_;
    std::optional<PreviousMedia> previous_;
    std::map<std::string, store::PackReference> packs_;  ///< known ones: earlier sets' and new
    std::vector<std::string> new_packs_;
    media::TreeResult last_;
    std::uint64_t new_files_ = 0;
    Bytes new_bytes_;
    int passes_ = 0;
};

}  // namespace mastobak::backup
