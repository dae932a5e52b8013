// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"
#include "media/index/index.hpp"
#include "postgres/check/check.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

/// The files of a set, and its bases, that are as they were published, by name ("config.tar.zst").
using Parts = std::map<std::string, std::filesystem::path>;

/// Returns the name of a set's file in a report: "dump", "difference", "index", "index parts",
/// "contents", "configuration", or the file's own name.
std::string part_name(const std::string& artifact);

/// Makes the check "sums": SHA256SUMS has to have one line for the manifest and for each file and
/// pack that the manifest names, and no other line, with the same hashes and with exactly the bytes
/// that mastobak writes.
/// \param sums contents of SHA256SUMS, which were already parsed once
postgres::Check check_sums(const std::string& sums, const store::Manifest& manifest);

/// Makes the check "signature": a trusted key has to have signed the set.
/// \param source   source whose last call of manifest() was for this set
/// \param required whether a set of unknown origin is bad; otherwise the check is skipped
postgres::Check check_signature(const SetSource& source, bool required);

/// Fetches all files of a set and its bases, and compares each with the manifest.
/// \param checks receives one check for each file; it is bad when the file is missing, truncated or
///               changed
/// \param on_part called before each file; may be empty
/// Throws Error{offsite}, Error{cancelled}.
Parts fetch_parts(SetSource& source, const store::Manifest& manifest,
                  std::vector<postgres::Check>& checks,
                  const std::function<void(const store::Artifact&)>& on_part, std::stop_token stop);

/// Returns the dump of the set, if all of its files are as they were published.
std::optional<dumps::StoredDump> dump_of(const Parts& parts, const store::Manifest& manifest);

/// Returns the index of the set, if all of its files are as they were published.
std::optional<media::IndexFiles> index_of(const Parts& parts, const store::Manifest& manifest);

/// Compares the list of the index's parts with the index, if both were fetched, and adds a
/// difference to the list's check. Throws Error{cancelled}.
void check_parts_of_index(const Parts& parts, const store::Manifest& manifest,
                          std::vector<postgres::Check>& checks, const std::stop_token& stop);

}  // namespace mastobak::restore
