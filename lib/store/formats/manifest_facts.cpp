// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/manifest_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {

std::string problem_of_note(std::string_view note) {
    if (note.size() > longest_note) return fmt::format("is longer than {} bytes", longest_note);
    if (readable(note) != note) return "has a line break, or another character that is not text";
    return {};
}

bool has_difference(const Manifest& manifest) {
    return manifest.database.base && listed_artifact(manifest, dump_difference) != nullptr;
}

bool has_index_changes(const Manifest& manifest) {
    return manifest.media.index_base && listed_artifact(manifest, index_changes) != nullptr;
}

const Artifact* listed_artifact(const Manifest& manifest, std::string_view name) {
    const auto found = std::ranges::find(manifest.artifacts, name, &Artifact::name);
    return found == manifest.artifacts.end() ? nullptr : &*found;
}

std::string dump_text(const Manifest& manifest) {
    const auto& base = manifest.database.base;
    if (!base) return {};
    Bytes difference;
    for (const auto& artifact : manifest.artifacts)
        if (artifact.name == dump_difference || artifact.name == difference_list)
            difference += artifact.size;
    if (difference.count == 0) return fmt::format("dump of {}, a new base", to_string(base->size));
    const auto of_base = parse_set_name(set_that_made(base->name)),
               of_set = parse_set_name(manifest.set);
    const auto age = of_base && of_set ? *of_set - *of_base : Timestamp::duration{};
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(age).count();
    return fmt::format("dump of a base of {}, {} older, + {}", to_string(base->size),
                       hours < 48 ? counted(hours, "hour") : counted(hours / 24, "day"),
                       to_string(difference));
}

std::vector<PackReference> shared_files(const Manifest& manifest) {
    auto files = manifest.media.packs;
    if (const auto& base = manifest.database.base)
        files.push_back({base->name, base->size, base->sha256, 0, base->size});
    if (const auto& base = manifest.media.index_base)
        files.push_back({base->name, base->size, base->sha256, 0, base->size});
    return files;
}

}  // namespace mastobak::store
