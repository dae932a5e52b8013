// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/restore/check.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// The files of a set, by their names ("database.dump.zst"): those that are as they were published.
using Parts = std::map<std::string, std::filesystem::path>;

/// What a file of a set is called in a report: "dump", "index", "index parts", "configuration", its
/// name.
std::string part_name(const std::string& artifact);

/// Fetches all files of a set, each compared with the manifest.
/// \param checks gets one for each: bad is a file that is missing, cut, or changed
/// \param on_part told before each of them; may be empty
/// Throws Error{offsite}, Error{cancelled}.
Parts fetch_parts(SetSource& source, const store::Manifest& manifest,
                  std::vector<postgres::Check>& checks,
                  const std::function<void(const store::Artifact&)>& on_part, std::stop_token stop);

/// Compares the list of the index's parts with the index, where both have come: a problem is one of
/// its check. Throws Error{cancelled}.
void check_parts_of_index(const Parts& parts, std::vector<postgres::Check>& checks,
                          const std::stop_token& stop);

}  // namespace mastobak::restore
