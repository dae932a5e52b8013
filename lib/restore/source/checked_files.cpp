// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/checked_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/sha256sums.hpp"

namespace mastobak::restore {

store::Manifest checked_manifest(const std::string& manifest, const std::string& sums,
                                 const std::string& where, const std::string& set) {
    const auto lines = store::parse_sha256sums(sums, where + "/SHA256SUMS");
    Sha256 hash;
    hash.update(std::as_bytes(std::span(manifest)));
    if (std::find(lines.begin(), lines.end(), store::Sum{"manifest.json", hash.finish()}) ==
        lines.end())
        throw Error(Errc::corrupt,
                    fmt::format("'{}/manifest.json' is not what SHA256SUMS beside it says", where));
    auto parsed = store::parse_manifest(manifest, where + "/manifest.json");
    if (parsed.set != set)
        throw Error(Errc::corrupt,
                    fmt::format("'{}/manifest.json' is of set '{}'", where, parsed.set),
                    "another set, or --from another place, may be intact");
    return parsed;
}

std::optional<store::Artifact> find_artifact(const store::Manifest& manifest,
                                             std::string_view name) {
    if (const auto& base = manifest.database.base; base && base->name == name)
        return store::Artifact{base->name, base->size, base->sha256};
    if (const auto& base = manifest.media.index_base; base && base->name == name) return base;
    const auto* found = store::listed_artifact(manifest, name);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

store::Artifact artifact_of(const store::Manifest& manifest, std::string_view name) {
    if (auto found = find_artifact(manifest, name)) return std::move(*found);
    throw Error(Errc::corrupt, fmt::format("set '{}' has no '{}'", manifest.set, name));
}

bool is_shared_by(const store::Manifest& manifest, std::string_view file) {
    const auto& dump = manifest.database.base;
    const auto& index = manifest.media.index_base;
    return (dump && dump->name == file) || (index && index->name == file);
}

std::vector<std::string> files_of_dump(const store::Manifest& manifest) {
    if (!manifest.database.base) return {store::whole_dump};
    if (!has_difference(manifest)) return {manifest.database.base->name};
    return {store::dump_difference, store::difference_list, manifest.database.base->name};
}

std::vector<std::string> files_of_index(const store::Manifest& manifest) {
    const auto& base = manifest.media.index_base;
    std::vector<std::string> names{base ? base->name : store::whole_index};
    if (has_index_changes(manifest)) names.emplace_back(store::index_changes);
    return names;
}

media::IndexFiles stored_index(
    const store::Manifest& manifest,
    const std::function<std::filesystem::path(const std::string&)>& file) {
    const auto names = files_of_index(manifest);
    if (names.size() == 1) return file(names[0]);
    return {file(names[0]), file(names[1])};
}

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

postgres::DumpedDatabase dumped_database(const store::Manifest& manifest) {
    const auto& database = manifest.database;
    return {.server_version = database.server_version,
            .pg_dump_version = database.pg_dump_version,
            .owner = database.owner,
            .mastodon_role = database.mastodon_role,
            .encoding = database.encoding,
            .collation = database.collation,
            .ctype = database.ctype,
            .locale_provider = database.locale_provider,
            .locale = database.locale,
            .schema_version = database.schema_version,
            .settings = database.settings,
            .rows = database.rows};
}

}  // namespace mastobak::restore
