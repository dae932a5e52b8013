// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/fetch_dump.hpp"

#include "restore/source/checked_files.hpp"

namespace mastobak::restore {

dumps::StoredDump fetch_dump(SetSource& source, const store::Manifest& manifest,
                             const std::stop_token& stop,
                             const std::function<void(const std::string&)>& on_file) {
    return stored_dump(manifest, [&](const std::string& name) {
        if (on_file) on_file(name);
        return source.artifact(manifest, name, stop);
    });
}

dumps::StoredDump stored_dump(
    const store::Manifest& manifest,
    const std::function<std::filesystem::path(const std::string&)>& file) {
    const auto names = files_of_dump(manifest);
    if (names.size() == 1) return {file(names[0])};
    const auto& base = *manifest.database.base;
    return {file(names[0]), file(names[1]), file(names[2]), base.name, base.sha256};
}

Bytes size_of_dump(const store::Manifest& manifest) {
    Bytes size;
    for (const auto& name : files_of_dump(manifest)) size += artifact_of(manifest, name).size;
    return size;
}

}  // namespace mastobak::restore
