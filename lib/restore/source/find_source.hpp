// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// Returns the place that `--from` names: the name of a configured remote, "rclone:b2:bucket/path",
/// "rsync:user@host:/path", or a directory (with a '/' in it); when empty, staging. The source
/// trusts the keys of the state directory, and `key`.
/// \param key key that an admin has given; may be empty
/// Throws Error{usage} with a hint that lists the remotes.
std::unique_ptr<SetSource> find_source(const config::Config& config, const std::string& from,
                                       const std::filesystem::path& scratch,
                                       const std::optional<signify::PublicKey>& key = {});

/// A set, and a place that has it.
struct FoundSet {
    std::unique_ptr<SetSource> source;
    std::string name;
    /// Why places before this one were not used: "there is no backup set in '/…'".
    std::vector<std::string> passed_over{};
};

/// Returns a wanted set from the first place that has one: only `from` (see find_source) if it is
/// given, otherwise staging and then the configured remotes in their order.
/// \param wanted see find_set; ignored if `before` is given
/// \param before see find_set_before
/// Throws the errors of these functions. If no place has a set, the error has the code and hint of
/// the first place.
FoundSet find_set_anywhere(const config::Config& config, const std::string& from,
                           const std::string& wanted, const std::string& before,
                           const std::filesystem::path& scratch, std::stop_token stop,
                           const std::optional<signify::PublicKey>& key = {});

/// Returns the newest wanted set at a configured remote; empty if no remote has one. If there is a
/// key and the newest set is wanted, unsigned sets do not count.
/// \param wanted see find_set
/// Throws Error{offsite} when no reachable remote has one and a remote is out of reach;
/// Error{cancelled}.
std::optional<FoundSet> find_newest_off_site(const config::Config& config,
                                             const std::string& wanted,
                                             const std::filesystem::path& scratch,
                                             std::stop_token stop);

/// Returns the name of a set: for "latest" and "" the newest set that this host has signed, or the
/// newest set if none is signed or there is no key; otherwise `name`, if there is such a set.
/// Throws Error{usage} when there is no such set.
std::string find_set(SetSource& source, const std::string& name, std::stop_token stop);

/// Returns the newest set that was begun before a date or time in UTC ("2026-11-22",
/// "2026-11-22T03:00"). Prefers signed sets as find_set does.
/// Throws Error{usage} when there is none, or when `date` is not a valid date.
std::string find_set_before(SetSource& source, const std::string& date, std::stop_token stop);

}  // namespace mastobak::restore
