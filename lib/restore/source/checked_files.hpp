// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "dumps/read_dump.hpp"
#include "media/index/index.hpp"
#include "postgres/restore/restore.hpp"
#include "restore/source/set_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Parses the manifest of a set after comparing it with the SHA256SUMS beside it.
/// \param where the set's directory, used in messages
/// \param set   the set that the manifest has to name, because it may be a copy of another set's
///              manifest
/// Throws Error{corrupt}.
store::Manifest checked_manifest(const std::string& manifest, const std::string& sums,
                                 const std::string& where, const std::string& set);

/// Returns the file of the set, or one of its bases, with this name; nullopt when the set does not have it.
std::optional<store::Artifact> find_artifact(const store::Manifest& manifest,
                                             std::string_view name);
/// Returns the file of the set, or one of its bases, with this name. Throws Error{corrupt} when the set
/// does not have it.
store::Artifact artifact_of(const store::Manifest& manifest, std::string_view name);

/// Returns whether a file is the base of the set's dump or of its index, which other sets share and
/// which is not in the set's directory.
bool is_shared_by(const store::Manifest& manifest, std::string_view file);

/// Returns the names of the files that make up the set's dump, the base last.
std::vector<std::string> files_of_dump(const store::Manifest& manifest);

/// Returns the names of the files that make up the set's index: the index or its base, then the
/// changes, if there are any.
std::vector<std::string> files_of_index(const store::Manifest& manifest);

/// Returns the index in those files. \param file returns the path of such a file by its name
media::IndexFiles stored_index(
    const store::Manifest& manifest,
    const std::function<std::filesystem::path(const std::string&)>& file);

/// Fetches the files of a set's dump: the base, and the difference from it if there is one.
/// \param on_file called before each file with its name; may be empty
/// Throws the errors of SetSource::artifact().
dumps::StoredDump fetch_dump(SetSource& source, const store::Manifest& manifest,
                             const std::stop_token& stop,
                             const std::function<void(const std::string&)>& on_file = {});

/// Returns the dump that consists of the files of fetch_dump().
/// \param file returns the path of a file by its name
dumps::StoredDump stored_dump(const store::Manifest& manifest,
                              const std::function<std::filesystem::path(const std::string&)>& file);

/// Returns the size of the files of a set's dump. Throws Error{corrupt} when the set has no dump.
Bytes size_of_dump(const store::Manifest& manifest);

/// Converts the database part of a manifest to the type of lib/postgres.
postgres::DumpedDatabase dumped_database(const store::Manifest& manifest);

}  // namespace mastobak::restore
