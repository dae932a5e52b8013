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

/// What `--from` means: the name of a configured remote, "rclone:b2:bucket/path",
/// "rsync:user@host:/path", or a directory (with a '/' in it). Empty: staging alone.
/// Throws Error{usage} with what there is.
/// It trusts the keys of the state directory, and one more.
/// \param key that an admin has given; nothing: none
std::unique_ptr<SetSource> find_source(const config::Config& config, const std::string& from,
                                       const std::filesystem::path& scratch,
                                       const std::optional<signify::PublicKey>& key = {});

/// A set, and a place that has it.
struct FoundSet {
    std::unique_ptr<SetSource> source;
    std::string name;
    /// Why it does not come from the place before: "there is no backup set in '/…'".
    std::vector<std::string> passed_over{};
};

/// The first place that has a set that is wanted: `from` alone (find_source), or staging and then
/// the remotes of the configuration, in their order.
/// \param wanted see find_set; ignored with `before`, see find_set_before
/// Throws as these do, with what the first place said when none has it.
FoundSet find_set_anywhere(const config::Config& config, const std::string& from,
                           const std::string& wanted, const std::string& before,
                           const std::filesystem::path& scratch, std::stop_token stop,
                           const std::optional<signify::PublicKey>& key = {});

/// The remote of the configuration that has the newest set of those that are wanted; nothing where
/// none has one.
/// Throws Error{offsite} when none has one and one of them is out of reach; Error{cancelled}.
std::optional<FoundSet> find_newest_off_site(const config::Config& config,
                                             const std::string& wanted,
                                             const std::filesystem::path& scratch,
                                             std::stop_token stop);

/// The set of that name; for "latest" and "" the newest one that we signed, or where none is (or
/// there is no key), the newest one.
/// Throws Error{usage} when there is none.
std::string find_set(SetSource& source, const std::string& name, std::stop_token stop);

/// The newest set that was begun before a date or time of UTC ("2026-11-22", "2026-11-22T03:00").
/// Throws Error{usage} when there is none, or it is not a valid date.
std::string find_set_before(SetSource& source, const std::string& date, std::stop_token stop);

}  // namespace mastobak::restore
