// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// The two halves of "sets/S/manifest.json".
struct SplitName {
    std::string directory;  ///< "sets/S", empty at the top
    std::string leaf;       ///< "manifest.json"
};

/// Splits the name of an object. Each component consists of letters, digits, '.', '_' and '-' and
/// begins with a letter or a digit. Such a name has no special meaning for a shell, rsync's filters
/// or an option parser, and cannot leave the remote's root.
/// Throws Error{internal} for any other name.
SplitName split_name(std::string_view name);

/// Returns whether split_name() accepts a name. A file of another name at a remote is not ours.
bool is_object_name(std::string_view name);

/// Returns whether an object is one that sets share: a pack ("media/…") or a base ("database/…").
bool is_shared(std::string_view object);

/// HOME for rclone, rsync and ssh, so that they read no settings of the user.
constexpr auto no_home = "/nonexistent";

/// Returns a path below a target of rclone or rsync: "b2:bucket/media" for "b2:bucket" and "media".
std::string below(const std::string& target, std::string_view path);

/// Returns whether the remote has the object.
/// \param found what the remote reports for the object's name
/// \return false when `found` is empty
/// Throws Error{offsite} when it is a different object; that object is not changed.
bool is_there(const Object& object, const std::optional<RemoteObject>& found,
              const std::string& remote);

}  // namespace mastobak::offsite
