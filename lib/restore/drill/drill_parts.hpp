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

/// "sums": whether SHA256SUMS has a line for the manifest, and for each file and pack that it
/// names, and no other, with the same hashes; byte by byte as it is written.
/// \param sums contents of the file, which can be parsed
postgres::Check check_sums(const std::string& sums, const store::Manifest& manifest);

/// "signature": whether a key that counts here has signed the set.
/// \param source whose manifest() was read last
/// \param required it is bad, not skipped, when it is not known who made the set
postgres::Check check_signature(const SetSource& source, bool required);

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
