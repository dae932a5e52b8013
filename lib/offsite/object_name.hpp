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

/// Splits the name of an object. Each component has letters, digits, '.', '_' and '-' only and
/// begins with a letter or a digit: nothing that a shell, rsync's filters or an option parser could
/// take for something else, and no way out of the remote's root.
/// Throws Error{internal} for any other name.
SplitName split_name(std::string_view name);

/// HOME of rclone, rsync and ssh, which then find no settings of the user's there.
constexpr auto no_home = "/nonexistent";

/// A path below a target as rclone and rsync write them: "b2:bucket" or "b2:", and "media".
std::string below(const std::string& target, std::string_view path);

/// Whether what the remote has under that name is the object.
/// \return false if there is nothing
/// Throws Error{offsite} if it is something else, which stays as it is.
bool is_there(const Object& object, const std::optional<RemoteObject>& found,
              const std::string& remote);

}  // namespace mastobak::offsite
