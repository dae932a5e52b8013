// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "media/index/index_parts.hpp"
#include "postgres/contents/contents_file.hpp"
#include "restore/source/checked_files.hpp"

namespace mastobak::restore {

namespace {

constexpr auto dump_part = "database.dump.zst";
constexpr auto configuration_part = "config.tar.zst";
constexpr auto index_part = "media.index.zst";

}  // namespace

std::string part_name(const std::string& artifact) {
    if (artifact == dump_part) return "dump";
    if (artifact == index_part) return "index";
    if (artifact == media::index_parts_name) return "index parts";
    if (artifact == postgres::contents_name) return "contents";
    if (artifact == configuration_part) return "configuration";
    return artifact;
}

Parts fetch_parts(SetSource& source, const store::Manifest& manifest,
                  std::vector<postgres::Check>& checks,
                  const std::function<void(const store::Artifact&)>& on_part,
                  std::stop_token stop) {
    Parts parts;
    for (const auto& artifact : manifest.artifacts) {
        if (on_part) on_part(artifact);
        postgres::Check check{.name = part_name(artifact.name), .figure = to_string(artifact.size)};
        try {
            parts[artifact.name] = source.artifact(manifest, artifact.name, stop);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            postgres::add_problem(check, error.text());
        }
        checks.push_back(std::move(check));
    }
    for (const auto* name : {dump_part, configuration_part, index_part}) {
        const bool elsewhere = name == index_part && manifest.media.elsewhere;
        if (elsewhere || find_artifact(manifest, name) != nullptr) continue;
        checks.push_back({.name = part_name(name)});
        postgres::add_problem(checks.back(), fmt::format("the manifest names no '{}'", name));
    }
    return parts;
}

void check_parts_of_index(const Parts& parts, std::vector<postgres::Check>& checks,
                          const std::stop_token& stop) {
    const auto index = parts.find(index_part);
    const auto list = parts.find(media::index_parts_name);
    if (index == parts.end() || list == parts.end()) return;
    const auto check =
        std::ranges::find(checks, part_name(media::index_parts_name), &postgres::Check::name);
    try {
        media::check_index_parts(index->second, list->second, stop);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        postgres::add_problem(*check, error.text());
    }
}

}  // namespace mastobak::restore
