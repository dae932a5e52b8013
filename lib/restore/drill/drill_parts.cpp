// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/crypto/signify.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "media/index/index_parts.hpp"
#include "postgres/contents/contents_file.hpp"
#include "restore/source/checked_files.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::restore {

namespace {

/// Returns whether the signature names a trusted key, or was made by a trusted key although it
/// names another one. The number of the key is not covered by the signature, so it may be damaged.
bool is_of_known_key(const SetSource& source) {
    const auto text = source.signature().value_or("");
    const auto number = signify::number_of(text);
    return number && std::ranges::any_of(source.keys(), [&](signify::PublicKey key) {
               if (key.number == *number) return true;
               key.number = *number;
               return signify::is_signed(source.sums(), text, {&key, 1});
           });
}

/// Returns the name of a file in a report. A base without a difference is the dump, and a base of
/// the index without changes is the index.
std::string name_of(const store::Manifest& manifest, const std::string& artifact) {
    if (!is_shared_by(manifest, artifact)) return part_name(artifact);
    if (store::is_base_name(artifact)) return has_difference(manifest) ? "base" : "dump";
    return has_index_changes(manifest) ? "base of the index" : "index";
}

}  // namespace

std::string part_name(const std::string& artifact) {
    if (artifact == store::whole_dump) return "dump";
    if (artifact == store::dump_difference) return "difference";
    if (artifact == store::difference_list) return "difference list";
    if (artifact == store::whole_index || artifact == store::index_changes) return "index";
    if (artifact == store::index_parts) return "index parts";
    if (artifact == postgres::contents_name) return "contents";
    if (artifact == store::configuration_archive) return "configuration";
    // The set chooses the names of other files. They must not be equal to the name of a check.
    return fmt::format("file '{}'", artifact);
}

postgres::Check check_sums(const std::string& sums, const store::Manifest& manifest) {
    postgres::Check check{.name = "sums", .read = {1, Bytes{sums.size()}}};
    const auto lines = store::parse_sha256sums(sums, "SHA256SUMS");
    std::map<std::string, Digest> rest;
    for (const auto& artifact : manifest.artifacts) rest.emplace(artifact.name, artifact.sha256);
    for (const auto& file : shared_files(manifest))
        rest.emplace(store::path_in_sums(file.name), file.sha256);
    bool first = true;
    for (const auto& [name, sha256] : lines) {
        const bool is_manifest = name == "manifest.json" && std::exchange(first, false);
        if (is_manifest) continue;  // SetSource has compared it
        const auto known = rest.find(name);
        if (known == rest.end()) {
            postgres::add_problem(check, fmt::format("SHA256SUMS has '{}' twice, or the manifest "
                                                     "does not name it",
                                                     name));
            continue;
        }
        if (known->second != sha256)
            postgres::add_problem(
                check, fmt::format("SHA256SUMS and the manifest disagree about the SHA-256 of '{}'",
                                   name));
        rest.erase(known);
    }
    for (const auto& [name, sha256] : rest)
        postgres::add_problem(check, fmt::format("SHA256SUMS lacks '{}'", name));
    if (store::to_sha256sums(lines) != sums)
        postgres::add_problem(check, "SHA256SUMS differs from what mastobak writes");
    check.figure = counted(lines.size(), "line");
    return check;
}

postgres::Check check_signature(const SetSource& source, bool required) {
    const bool has_one = source.signature().has_value();
    const auto text = source.signature().value_or("");
    postgres::Check check{.name = "signature",
                          .figure = "signed by this host",
                          .read = {has_one ? 1U : 0U, Bytes{text.size()}}};
    const auto& why = source.foreign();
    if (!why.empty()) check.figure = why;
    // A text that is not a signature has no key, so the set's origin does not matter.
    if (has_one && !signify::number_of(text))
        postgres::add_problem(check, fmt::format("{} is damaged", store::signature_name));
    else if (!why.empty() && (required || is_of_known_key(source)))
        postgres::add_problem(check, required ? fmt::format("the set is not ours: {}", why)
                                              : fmt::format("{} is damaged, or SHA256SUMS: {}",
                                                            store::signature_name, why));
    else if (has_one && !signify::is_as_written(text))
        postgres::add_problem(
            check,
            fmt::format("{} has different bytes around the signature than it was written with",
                        store::signature_name));
    else if (!why.empty())
        check.verdict = postgres::Verdict::skipped;
    return check;
}

Parts fetch_parts(SetSource& source, const store::Manifest& manifest,
                  std::vector<postgres::Check>& checks,
                  const std::function<void(const store::Artifact&)>& on_part,
                  std::stop_token stop) {
    Parts parts;
    auto wanted = manifest.artifacts;
    if (const auto& base = manifest.database.base)
        wanted.insert(wanted.begin(), {base->name, base->size, base->sha256});
    if (const auto& base = manifest.media.index_base) wanted.push_back(*base);
    for (const auto& artifact : wanted) {
        if (on_part) on_part(artifact);
        postgres::Check check{.name = name_of(manifest, artifact.name),
                              .figure = to_string(artifact.size) + ", all of it read"};
        try {
            parts[artifact.name] = source.artifact(manifest, artifact.name, stop);
            check.read = {1, artifact.size};
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            postgres::add_problem(check, error.text());
        }
        checks.push_back(std::move(check));
    }
    auto needed = files_of_dump(manifest);
    needed.emplace_back(store::configuration_archive);
    if (!manifest.media.elsewhere)
        std::ranges::copy(files_of_index(manifest), std::back_inserter(needed));
    for (const auto& name : needed) {
        if (find_artifact(manifest, name)) continue;
        checks.push_back({.name = part_name(name)});
        postgres::add_problem(checks.back(), fmt::format("the manifest does not name '{}'", name));
    }
    return parts;
}

std::optional<dumps::StoredDump> dump_of(const Parts& parts, const store::Manifest& manifest) {
    for (const auto& name : files_of_dump(manifest))
        if (!parts.contains(name)) return std::nullopt;
    return stored_dump(manifest, [&](const std::string& name) { return parts.at(name); });
}

std::optional<media::IndexFiles> index_of(const Parts& parts, const store::Manifest& manifest) {
    for (const auto& name : files_of_index(manifest))
        if (!parts.contains(name)) return std::nullopt;
    return stored_index(manifest, [&](const std::string& name) { return parts.at(name); });
}

void check_parts_of_index(const Parts& parts, const store::Manifest& manifest,
                          std::vector<postgres::Check>& checks, const std::stop_token& stop) {
    const auto index = parts.find(files_of_index(manifest).front());
    const auto list = parts.find(store::index_parts);
    if (index == parts.end() || list == parts.end()) return;
    const auto check =
        std::ranges::find(checks, part_name(store::index_parts), &postgres::Check::name);
    try {
        media::check_index_parts(index->second, list->second, stop);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        postgres::add_problem(*check, error.text());
    }
}

}  // namespace mastobak::restore
