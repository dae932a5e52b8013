// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "dumps/read_dump.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {

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

}  // namespace mastobak::restore
