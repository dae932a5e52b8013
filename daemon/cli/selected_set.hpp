// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/cli/command.hpp"
#include "daemon/cli/known_damage.hpp"
#include "daemon/scratch_directory.hpp"
#include "restore/source/find_source.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::daemon {

/// The configuration; all defaults when there is none and a place is named: a machine after a fire
/// has none. Throws as load_config does.
config::Config config_for(const Options& options, const std::string& from);

/// The key of `--public-key`. Throws Error{usage} for what is neither a key nor a file with one.
std::optional<signify::PublicKey> given_key(const Options& options);

/// The set that a person wants to look into, and where it is.
class ChosenSet {
 public:
    /// Says on stderr where it is when that is not the first place.
    /// \param from see restore::find_set_anywhere; with it, a configuration need not be there
    /// \param set    a name, or "latest"
    /// \param before a date: the newest set that is older, whatever `set` says
    /// Throws Error{usage}, Error{config}, Error{corrupt}, Error{offsite}, Error{cancelled}.
    ChosenSet(const Options& options, const std::string& from, const std::string& set,
              std::stop_token stop, const std::string& before = {});

    restore::SetSource& source() { return *found_.source; }
    const store::Manifest& manifest() const { return manifest_; }
    /// Why the set is not known to be ours; empty: we signed it.
    const std::string& foreign() const { return found_.source->foreign(); }
    /// What of the set is known to be damaged where it comes from.
    const KnownDamage& damage() const { return damage_; }
    const std::filesystem::path& scratch() const { return scratch_.path(); }
    /// Throws Error{usage} when the set has no media.
    void require_media() const;
    /// An index of its media that has what is selected. Throws Error{usage} when it has no media.
    std::filesystem::path index(const restore::Selection& selection);
    /// Paths in the media that a person means by these names; see restore::media_meant_by.
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
