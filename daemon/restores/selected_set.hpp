// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/cli/command.hpp"
#include "daemon/restores/known_damage.hpp"
#include "daemon/scratch_directory.hpp"
#include "media/index/index.hpp"
#include "restore/source/find_source.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::daemon {

/// Loads the configuration. Returns the defaults when there is no configuration and `from` is set,
/// because a replacement machine has none. Throws as load_config does.
config::Config config_for(const Options& options, const std::string& from);

/// Reads the key of `--public-key`. Throws Error{usage} when it is neither a key nor a file with
/// one.
std::optional<signify::PublicKey> given_key(const Options& options);

/// The set that the user selected, and its source.
class ChosenSet {
 public:
    /// Finds the set. Prints its place to standard error when it is not in the first place
    /// searched.
    /// \param from see restore::find_set_anywhere; with it, a configuration is not needed
    /// \param set a name, or "latest"
    /// \param before a date: selects the newest older set and overrides `set`
    /// Throws Error{usage}, Error{config}, Error{corrupt}, Error{offsite}, Error{cancelled}.
    ChosenSet(const Options& options, const std::string& from, const std::string& set,
              std::stop_token stop, const std::string& before = {});

    restore::SetSource& source() { return *found_.source; }
    const store::Manifest& manifest() const { return manifest_; }
    /// Returns why the set is not known to be ours; empty when we signed it.
    const std::string& foreign() const { return found_.source->foreign(); }
    /// Returns the damage of the set that the ledger of its place records. The scrub and `verify`
    /// write the ledger; a restore may find less or more damage.
    const KnownDamage& damage() const { return damage_; }
    const std::filesystem::path& scratch() const { return scratch_.path(); }
    /// Throws Error{usage} when the set has no media.
    void require_media() const;
    /// Returns a media index that contains the selection. Throws Error{usage} when the set has no
    /// media.
    media::IndexFiles index(const restore::Selection& selection);
    /// Returns the paths in the media that these names stand for; see restore::media_meant_by.
    std::vector<std::string> paths_of(const std::vector<std::string>& names);

 private:
    ChosenSet(const config::Config& config, const Options& options, const std::string& from,
              const std::string& set, std::stop_token stop, const std::string& before);

    std::stop_token stop_;
    ScratchDirectory scratch_;
    restore::FoundSet found_;
    store::Manifest manifest_;
    KnownDamage damage_;
};

}  // namespace mastobak::daemon
