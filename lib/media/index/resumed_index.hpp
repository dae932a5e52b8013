// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "core/clock.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// The lines of one pack, as TreeOptions::finished has them.
struct CarriedLines {
    std::filesystem::path file;
    Timestamp trusted_until;  ///< as in TreeOptions, for these
};

/// The packs of one pass, in the order in which it made them: so they are in path order.
using CarriedPass = std::vector<CarriedLines>;

/// Writes the previous index of a run that continues from packs of one that came to no end: what that
/// one had packed, and for all other paths what the last set has.
///
/// One pass, in constant memory but for the number of interrupted passes. Entries that cannot be
/// trusted are left out, so all of the new index can be.
/// \param base          empty: there is no last set
/// \param trusted_until of the base
/// \param passes        oldest first: of one path, the newest entry counts
/// \param out           new file
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
void resume_index(const std::filesystem::path& base, Timestamp trusted_until,
                  const std::vector<CarriedPass>& passes, const std::filesystem::path& out,
                  std::stop_token stop);

}  // namespace mastobak::media
